-- What is due is taken by account, and promises by the way they go out: one silent party must
-- not stand before the others. The indexes by time alone have no reader any more.
CREATE INDEX attempt_due_by_account ON attempt (account_id, next_check_at)
    WHERE next_check_at IS NOT NULL;
DROP INDEX attempt_due;

CREATE INDEX outbox_due_by_kind ON outbox (kind, next_at)
    WHERE state IN ('waiting', 'running');
DROP INDEX outbox_due;
