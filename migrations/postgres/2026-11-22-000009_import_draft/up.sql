-- What somebody pasted or uploaded, between the dry run and the confirmation, and until it is
-- loaded: sealed, and empty once it is.
CREATE TABLE import_draft (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    variant_id TEXT COLLATE "C" NOT NULL REFERENCES variant (id),
    staff_id TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    source TEXT NOT NULL,
    layout TEXT NOT NULL CHECK (layout IN ('lines', 'csv')),
    state TEXT NOT NULL CHECK (state IN ('ready', 'loading', 'done', 'failed')),
    content BYTEA,
    told TEXT NOT NULL,
    batch_id TEXT COLLATE "C" REFERENCES card_batch (id),
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CHECK ((state IN ('ready', 'loading')) = (content IS NOT NULL))
);
CREATE INDEX import_draft_by_state ON import_draft (state, created_at);

-- Lists of cards by state, and the next ones to sell.
DROP INDEX card_to_sell;
CREATE INDEX card_by_variant ON card (variant_id, state, id);
-- What was sold lately.
CREATE INDEX card_delivered ON card (changed_at, variant_id) WHERE state = 'delivered';
-- Whether a content was withdrawn; card_content_once tells whether it is anywhere else.
CREATE INDEX card_withdrawn_content ON card (seller_id, content_hash) WHERE state = 'withdrawn';
