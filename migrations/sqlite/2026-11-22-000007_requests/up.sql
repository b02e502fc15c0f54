-- What buyers ask for after they have paid, and the answers: one thread for each request.
CREATE TABLE request (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('not_working', 'refund', 'other')),
    state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
    messages BIGINT NOT NULL CHECK (messages >= 0),
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX request_by_order ON request (order_id, id);
CREATE INDEX request_by_state ON request (state, id);

-- The same words under the same key are one message, however often a form is sent.
CREATE TABLE request_message (
    id TEXT NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES request (id),
    author TEXT NOT NULL CHECK (author IN ('buyer', 'staff')),
    actor TEXT NOT NULL,
    body BLOB NOT NULL,
    dedupe TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX request_message_by_request ON request_message (request_id, id);
