-- One row: a value that only the shop's own key ring opens. A process whose ring does not open
-- it refuses to start, before it seals anything that the others could not read. No setting:
-- earlier versions refuse settings they do not know.
CREATE TABLE key_check (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    value BLOB NOT NULL
);
