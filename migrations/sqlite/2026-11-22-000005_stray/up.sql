-- Authentic notices of a payment that no attempt of their account made: the channel is asked.
CREATE TABLE stray (
    account_id TEXT NOT NULL REFERENCES channel_account (id),
    merchant_no TEXT NOT NULL,
    channel_trade_no TEXT NOT NULL,
    checks BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    next_check_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, merchant_no)
);
CREATE INDEX stray_due ON stray (next_check_at);
