//! The steps of the setup. Each can be left out and come back to; each does what the console's
//! own pages do, in the same way.

mod channel;
mod finish;
mod mail;
mod product;
mod shop;
mod step;

pub use channel::{add_channel, channel};
pub use finish::{finish, make_test_order};
pub use mail::{mail, save_mail};
pub use product::{add_product, product};
pub use shop::{save_shop, shop};
pub use step::overview;
