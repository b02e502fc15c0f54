-- Lists of the staff: each order of rows, with the id as the last word, begins where an index says.
CREATE INDEX orders_by_created ON orders (created_at, id);
CREATE INDEX orders_by_amount ON orders (amount, id);
CREATE INDEX orders_by_paid ON orders ((COALESCE(paid_at, 0)), id);
CREATE INDEX orders_by_state ON orders (state, created_at, id);
CREATE INDEX order_item_by_product ON order_item (product_id, order_id);
CREATE INDEX attempt_by_account ON attempt (account_id, order_id);
CREATE INDEX receipt_by_trade_no ON receipt (channel_trade_no);
CREATE INDEX money_case_by_due ON money_case (due_at, id);
CREATE INDEX money_case_by_amount ON money_case (amount, id);
