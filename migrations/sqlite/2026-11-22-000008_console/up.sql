-- What an owner says in mails beside their facts: a subject, an opening and a closing of their
-- own for each topic and language. Empty = the shop's usual words.
CREATE TABLE mail_template (
    topic TEXT NOT NULL,
    lang TEXT NOT NULL CHECK (lang IN ('zh', 'en')),
    subject TEXT NOT NULL,
    opening TEXT NOT NULL,
    closing TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (topic, lang)
);

-- The pages of the staff ask for these, however many rows there are.
CREATE INDEX orders_takings ON orders (paid_at, currency, amount) WHERE paid_at IS NOT NULL;
CREATE INDEX notice_by_account ON notice (account_id, at);
CREATE INDEX receipt_by_account ON receipt (account_id, created_at);
CREATE INDEX outbox_by_kind ON outbox (kind, id);
CREATE INDEX outbox_by_topic ON outbox (topic, id);
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';
