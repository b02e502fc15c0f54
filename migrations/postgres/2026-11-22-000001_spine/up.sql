-- Conventions: ids are UUIDv7 text; money is whole minor units beside a currency; times are
-- UTC milliseconds; JSON is text; states are words. Every change of state is guarded in code.

CREATE TABLE setting (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- One row; every change of configuration counts it up, and every node reads it each second.
CREATE TABLE config_version (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO config_version (id, version) VALUES (1, 1);

CREATE TABLE seller (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO seller (id, name, created_at) VALUES ('house', 'house', 0);

CREATE TABLE category (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    position INTEGER NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE product (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seller_id TEXT COLLATE "C" NOT NULL REFERENCES seller (id),
    category_id TEXT COLLATE "C" NOT NULL REFERENCES category (id),
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    summary_zh TEXT NOT NULL,
    summary_en TEXT NOT NULL,
    description_zh TEXT NOT NULL,
    description_en TEXT NOT NULL,
    usage_zh TEXT NOT NULL,
    usage_en TEXT NOT NULL,
    picture TEXT NOT NULL,
    delivery TEXT NOT NULL CHECK (delivery IN ('card_pool', 'reusable', 'manual')),
    reserves BOOLEAN NOT NULL,
    fields TEXT NOT NULL,
    low_stock BIGINT NOT NULL CHECK (low_stock >= 0),
    promised_minutes BIGINT NOT NULL CHECK (promised_minutes >= 0),
    state TEXT NOT NULL CHECK (state IN ('on', 'off')),
    position INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX product_by_category ON product (category_id, position);

CREATE TABLE variant (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    product_id TEXT COLLATE "C" NOT NULL REFERENCES product (id),
    seller_id TEXT COLLATE "C" NOT NULL REFERENCES seller (id),
    sku TEXT COLLATE "C" NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    currency TEXT NOT NULL,
    tiers TEXT NOT NULL,
    min_quantity BIGINT NOT NULL CHECK (min_quantity >= 1),
    max_quantity BIGINT NOT NULL CHECK (max_quantity >= min_quantity),
    buyer_limit BIGINT CHECK (buyer_limit >= 1),
    state TEXT NOT NULL CHECK (state IN ('on', 'off')),
    position INTEGER NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX variant_by_product ON variant (product_id, position);

-- A batch makes its cards sellable by one final update of its own state, and takes those that
-- are not sold out of sale the same way.
CREATE TABLE card_batch (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    variant_id TEXT COLLATE "C" NOT NULL REFERENCES variant (id),
    seller_id TEXT COLLATE "C" NOT NULL REFERENCES seller (id),
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('loading', 'available', 'withdrawn')),
    cards BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX card_batch_by_variant ON card_batch (variant_id, created_at);

CREATE TABLE card (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    variant_id TEXT COLLATE "C" NOT NULL REFERENCES variant (id),
    seller_id TEXT COLLATE "C" NOT NULL,
    batch_id TEXT COLLATE "C" NOT NULL REFERENCES card_batch (id),
    state TEXT NOT NULL CHECK (state IN ('available', 'reserved', 'delivered', 'withdrawn')),
    content BYTEA NOT NULL,
    content_hash TEXT COLLATE "C" NOT NULL,
    item_id TEXT COLLATE "C",
    changed_at BIGINT NOT NULL,
    CHECK ((state IN ('reserved', 'delivered')) = (item_id IS NOT NULL))
);
CREATE UNIQUE INDEX card_content_once ON card (seller_id, content_hash) WHERE state <> 'withdrawn';
CREATE INDEX card_to_sell ON card (variant_id, id) WHERE state = 'available';
CREATE INDEX card_by_item ON card (item_id) WHERE item_id IS NOT NULL;
CREATE INDEX card_by_batch ON card (batch_id, state);

-- One content sold many times (循环卡), with or without a limit.
CREATE TABLE reusable (
    variant_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES variant (id),
    seller_id TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    use_limit BIGINT CHECK (use_limit >= 1),
    used BIGINT NOT NULL CHECK (used >= 0),
    changed_at BIGINT NOT NULL,
    CHECK (use_limit IS NULL OR used <= use_limit)
);

-- Guarded counters: no limit is ever checked by counting rows.
CREATE TABLE counter (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    used BIGINT NOT NULL CHECK (used >= 0)
);

CREATE TABLE payment (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    captured BIGINT NOT NULL CHECK (captured >= 0),
    created_at BIGINT NOT NULL
);

CREATE TABLE payment_part (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    payment_id TEXT COLLATE "C" NOT NULL REFERENCES payment (id),
    kind TEXT NOT NULL CHECK (kind IN ('channel', 'wallet', 'coin')),
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    captured BOOLEAN NOT NULL
);
CREATE INDEX payment_part_by_payment ON payment_part (payment_id);

CREATE TABLE orders (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_no TEXT COLLATE "C" NOT NULL UNIQUE,
    seller_id TEXT COLLATE "C" NOT NULL REFERENCES seller (id),
    payment_id TEXT COLLATE "C" NOT NULL REFERENCES payment (id),
    state TEXT NOT NULL CHECK (state IN ('pending_payment', 'paid', 'in_review', 'delivering',
        'awaiting_stock', 'partially_delivered', 'delivered', 'refunding', 'refunded', 'expired',
        'cancelled')),
    version BIGINT NOT NULL,
    refund_from TEXT,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    refunded_amount BIGINT NOT NULL CHECK (refunded_amount >= 0),
    email BYTEA NOT NULL,
    email_hash TEXT COLLATE "C" NOT NULL,
    locale TEXT NOT NULL,
    password_hash TEXT,
    fields BYTEA,
    event_seq BIGINT NOT NULL,
    event_head TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at BIGINT,
    delivered_at BIGINT,
    next_check_at BIGINT
);
CREATE INDEX orders_by_payment ON orders (payment_id);
CREATE INDEX orders_by_email ON orders (email_hash, created_at);
CREATE INDEX orders_due ON orders (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX orders_awaiting_stock ON orders (created_at) WHERE state = 'awaiting_stock';

CREATE TABLE order_item (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    seller_id TEXT COLLATE "C" NOT NULL REFERENCES seller (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES product (id),
    variant_id TEXT COLLATE "C" NOT NULL REFERENCES variant (id),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    delivery TEXT NOT NULL,
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    quantity BIGINT NOT NULL CHECK (quantity >= 1),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    delivered BIGINT NOT NULL CHECK (delivered >= 0 AND delivered <= quantity),
    held BIGINT NOT NULL CHECK (held >= 0 AND held <= quantity)
);
CREATE INDEX order_item_by_order ON order_item (order_id);
CREATE INDEX order_item_by_variant ON order_item (variant_id);

-- What an unpaid order holds of the guarded counters, given back once.
CREATE TABLE order_hold (
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    counter TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    kind TEXT NOT NULL CHECK (kind IN ('unpaid', 'bought')),
    PRIMARY KEY (order_id, counter)
);

CREATE TABLE order_event (
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    state_from TEXT NOT NULL,
    state_to TEXT NOT NULL,
    detail TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (order_id, seq)
);

CREATE TABLE view_token (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX view_token_by_order ON view_token (order_id);

CREATE TABLE channel_account (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('enabled', 'draining', 'off')),
    priority INTEGER NOT NULL,
    currency TEXT NOT NULL,
    min_amount BIGINT,
    max_amount BIGINT,
    fee TEXT NOT NULL,
    fixed BIGINT NOT NULL CHECK (fixed >= 0),
    base_url TEXT NOT NULL,
    methods TEXT NOT NULL,
    path_token TEXT COLLATE "C" NOT NULL UNIQUE,
    credentials BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE attempt (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    payment_id TEXT COLLATE "C" NOT NULL REFERENCES payment (id),
    part_id TEXT COLLATE "C" NOT NULL REFERENCES payment_part (id),
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    seller_id TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    merchant_no TEXT COLLATE "C" NOT NULL UNIQUE,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES channel_account (id),
    method TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('planned', 'created', 'unknown', 'refused', 'failed',
        'expired', 'closed', 'paid')),
    channel_trade_no TEXT,
    pay_kind TEXT NOT NULL,
    pay_url TEXT,
    pay_qr TEXT,
    failure TEXT,
    decision TEXT NOT NULL,
    checks BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    next_check_at BIGINT,
    watched_until BIGINT NOT NULL,
    UNIQUE (payment_id, n)
);
CREATE INDEX attempt_by_order ON attempt (order_id);
CREATE INDEX attempt_due ON attempt (next_check_at) WHERE next_check_at IS NOT NULL;

-- Confirmed money only.
CREATE TABLE receipt (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES channel_account (id),
    channel_trade_no TEXT COLLATE "C" NOT NULL,
    attempt_id TEXT COLLATE "C" REFERENCES attempt (id),
    payment_id TEXT COLLATE "C" REFERENCES payment (id),
    order_id TEXT COLLATE "C" REFERENCES orders (id),
    seller_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('captured', 'late', 'duplicate', 'short', 'over',
        'wrong_currency', 'unmatched')),
    source TEXT NOT NULL CHECK (source IN ('notice', 'query', 'return', 'bill', 'staff')),
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    refunding BIGINT NOT NULL CHECK (refunding >= 0 AND refunding <= amount),
    paid_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    reconciled_at BIGINT,
    UNIQUE (account_id, channel_trade_no)
);
CREATE INDEX receipt_by_order ON receipt (order_id);
CREATE INDEX receipt_by_attempt ON receipt (attempt_id);

-- The raw log of what channels sent, whole when accepted.
CREATE TABLE notice (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES channel_account (id),
    at BIGINT NOT NULL,
    verb TEXT NOT NULL,
    query TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    source_ip TEXT NOT NULL,
    verdict TEXT NOT NULL,
    failed_check TEXT,
    attempt_id TEXT COLLATE "C"
);
CREATE INDEX notice_by_attempt ON notice (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX notice_by_time ON notice (at);

CREATE TABLE money_case (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('late', 'duplicate', 'short', 'over', 'wrong_currency',
        'no_stock', 'unmatched', 'disputed', 'contradicted', 'refund_failed')),
    dedupe TEXT COLLATE "C" NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    severity TEXT NOT NULL,
    order_id TEXT COLLATE "C",
    attempt_id TEXT COLLATE "C",
    receipt_id TEXT COLLATE "C",
    refund_id TEXT COLLATE "C",
    account_id TEXT COLLATE "C",
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    owner TEXT NOT NULL,
    proposal TEXT NOT NULL,
    summary TEXT NOT NULL,
    resolution TEXT,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX money_case_open ON money_case (due_at) WHERE state = 'open';
CREATE INDEX money_case_by_order ON money_case (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE case_note (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    case_id TEXT COLLATE "C" NOT NULL REFERENCES money_case (id),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX case_note_by_case ON case_note (case_id, at);

CREATE TABLE refund (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    payment_id TEXT COLLATE "C" NOT NULL REFERENCES payment (id),
    receipt_id TEXT COLLATE "C" NOT NULL REFERENCES receipt (id),
    attempt_id TEXT COLLATE "C" NOT NULL REFERENCES attempt (id),
    account_id TEXT COLLATE "C" NOT NULL REFERENCES channel_account (id),
    merchant_refund_no TEXT COLLATE "C" NOT NULL UNIQUE,
    dedupe TEXT COLLATE "C" NOT NULL UNIQUE,
    channel_refund_no TEXT,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('requested', 'unknown', 'pending', 'done', 'failed')),
    reason TEXT NOT NULL,
    failure TEXT,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    next_check_at BIGINT
);
CREATE INDEX refund_by_order ON refund (order_id);
CREATE INDEX refund_due ON refund (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE delivery (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    item_id TEXT COLLATE "C" NOT NULL REFERENCES order_item (id),
    unit_no BIGINT NOT NULL CHECK (unit_no >= 1),
    card_id TEXT COLLATE "C" UNIQUE REFERENCES card (id),
    content BYTEA,
    created_at BIGINT NOT NULL,
    UNIQUE (item_id, unit_no),
    CHECK ((card_id IS NULL) <> (content IS NULL))
);
CREATE INDEX delivery_by_order ON delivery (order_id);

-- The books. Rows are written once: triggers refuse changes.
CREATE TABLE journal (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    source_kind TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    op TEXT COLLATE "C" NOT NULL,
    template TEXT NOT NULL,
    seller_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (source_kind, source_id, op)
);

CREATE TABLE journal_entry (
    journal_id TEXT COLLATE "C" NOT NULL REFERENCES journal (id),
    leg INTEGER NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('D', 'C')),
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (journal_id, leg)
);
CREATE INDEX journal_entry_by_account ON journal_entry (account, currency);

-- Rows that the sealer has not chained yet.
CREATE TABLE unsealed (
    row_kind TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" NOT NULL,
    row_hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (row_kind, row_id)
);

CREATE TABLE seal (
    seq BIGINT NOT NULL PRIMARY KEY,
    row_kind TEXT COLLATE "C" NOT NULL,
    row_id TEXT COLLATE "C" NOT NULL,
    row_hash TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (row_kind, row_id)
);

CREATE TABLE balance (
    account TEXT COLLATE "C" NOT NULL,
    currency TEXT NOT NULL,
    debit BIGINT NOT NULL CHECK (debit >= 0),
    credit BIGINT NOT NULL CHECK (credit >= 0),
    seal_seq BIGINT NOT NULL,
    PRIMARY KEY (account, currency)
);

CREATE TABLE outbox (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'webhook')),
    topic TEXT NOT NULL,
    dedupe TEXT COLLATE "C" NOT NULL UNIQUE,
    order_id TEXT COLLATE "C",
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'dead')),
    tries BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    lease_until BIGINT,
    lease_token BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE state IN ('waiting', 'running');
CREATE INDEX outbox_by_order ON outbox (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE alert (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    dedupe TEXT COLLATE "C" NOT NULL UNIQUE,
    severity TEXT NOT NULL,
    body TEXT NOT NULL,
    count BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- One runner among many nodes; the token fences off a holder whose lease ran out.
CREATE TABLE lease (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    token BIGINT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE idempotency (
    route TEXT COLLATE "C" NOT NULL,
    caller TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    body_hash TEXT NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    lease_until BIGINT NOT NULL,
    status INTEGER,
    response BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (route, caller, key)
);
CREATE INDEX idempotency_by_time ON idempotency (created_at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER journal_is_append_only_update BEFORE UPDATE ON journal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_is_append_only_delete BEFORE DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_is_append_only_update BEFORE UPDATE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_is_append_only_delete BEFORE DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_is_append_only_update BEFORE UPDATE ON seal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_is_append_only_delete BEFORE DELETE ON seal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_event_is_append_only_update BEFORE UPDATE ON order_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_event_is_append_only_delete BEFORE DELETE ON order_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_is_append_only_truncate BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_is_append_only_truncate BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_is_append_only_truncate BEFORE TRUNCATE ON seal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_event_is_append_only_truncate BEFORE TRUNCATE ON order_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
