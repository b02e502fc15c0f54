//! The console of the staff, task by task, as a clerk does them without scripts.

mod goods;
mod setup;
