//! The console of the staff, task by task.

mod goods;
mod setup;
mod staff;
