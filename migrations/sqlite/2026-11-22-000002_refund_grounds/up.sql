-- Why a refund goes back and where the books take it from are two words of their own, and a
-- refund that is being sent right now says until when.
CREATE TABLE refund_with_grounds (
    id TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    payment_id TEXT NOT NULL REFERENCES payment (id),
    receipt_id TEXT NOT NULL REFERENCES receipt (id),
    attempt_id TEXT NOT NULL REFERENCES attempt (id),
    account_id TEXT NOT NULL REFERENCES channel_account (id),
    merchant_refund_no TEXT NOT NULL UNIQUE,
    dedupe TEXT NOT NULL UNIQUE,
    channel_refund_no TEXT,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('requested', 'unknown', 'pending', 'done', 'failed')),
    failure TEXT,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    next_check_at BIGINT,
    grounds TEXT NOT NULL CHECK (grounds IN ('late', 'no_stock_late', 'duplicate', 'over', 'staff')),
    source TEXT NOT NULL CHECK (source IN ('unfulfilled', 'sales', 'unallocated',
        'second_payment')),
    held_until BIGINT
);
INSERT INTO refund_with_grounds
    SELECT id, order_id, payment_id, receipt_id, attempt_id, account_id, merchant_refund_no,
        dedupe, channel_refund_no, currency, amount, state, failure, tries, created_at,
        changed_at, next_check_at,
        substr(reason, 1, instr(reason, '/') - 1), substr(reason, instr(reason, '/') + 1), NULL
    FROM refund;
DROP TABLE refund;
ALTER TABLE refund_with_grounds RENAME TO refund;
CREATE INDEX refund_by_order ON refund (order_id);
CREATE INDEX refund_due ON refund (next_check_at) WHERE next_check_at IS NOT NULL;
