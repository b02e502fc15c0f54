//! The pages of the stock, all of them behind the gate of the staff.

mod admin;

pub use admin::{
    batch, batches, card, cards, change_cards, change_reusable, confirm, draft, export, find,
    import, move_cards, moving, read_import, reusable, reveal, reveal_reusable, shelf, take_out,
    withdraw_batch,
};
