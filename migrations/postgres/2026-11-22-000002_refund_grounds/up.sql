-- Why a refund goes back and where the books take it from are two words of their own, and a
-- refund that is being sent right now says until when.
ALTER TABLE refund ADD COLUMN grounds TEXT;
ALTER TABLE refund ADD COLUMN source TEXT;
ALTER TABLE refund ADD COLUMN held_until BIGINT;
UPDATE refund SET grounds = split_part(reason, '/', 1), source = split_part(reason, '/', 2);
ALTER TABLE refund
    ALTER COLUMN grounds SET NOT NULL,
    ALTER COLUMN source SET NOT NULL,
    ADD CHECK (grounds IN ('late', 'no_stock_late', 'duplicate', 'over', 'staff')),
    ADD CHECK (source IN ('unfulfilled', 'sales', 'unallocated', 'second_payment')),
    DROP COLUMN reason;
