//! The console of the staff, task by task: each from its page to what it changes, and every
//! refusal, which changes nothing.

mod accounts;
mod cases;
mod goods;
mod goods_edges;
mod guesses;
mod mail;
mod orders;
mod overview;
mod requests;
mod settings;
mod setup;
mod staff;
mod stock;
