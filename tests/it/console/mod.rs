//! The console of the staff, task by task: each from its page to what it changes, and every
//! refusal, which changes nothing.

mod accounts;
mod mail;
mod overview;
mod settings;
mod staff;
