//! The pages of the staff themselves: coming in, their sessions, and what they did.

mod account;
mod agent;
mod audit;
mod link;
mod login;
mod second;

pub use account::{account, end, leave, leave_all, password};
pub use audit::audit;
pub use link::{enter, link};
pub use login::{code, login, sign_in};
pub use second::{second, turn_off, turn_on};
