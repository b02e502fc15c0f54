-- When the database was put back to an earlier time. What was sold between the backup and then
-- is not in it, so cards of before are withheld from sale until a person says which are left.
CREATE TABLE restoration (
    at BIGINT NOT NULL PRIMARY KEY,
    backed_up_at BIGINT
);
ALTER TABLE card_batch ADD COLUMN withheld_at BIGINT;
ALTER TABLE reusable ADD COLUMN withheld_at BIGINT;
