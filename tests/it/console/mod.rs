//! The staff's console, page by page, as somebody at their desk meets it.

mod cases;
mod orders;
