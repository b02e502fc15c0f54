//! The console of the staff, page by page, through a browser's eyes: forms, tokens, refusals,
//! the audit log.

mod stock;
