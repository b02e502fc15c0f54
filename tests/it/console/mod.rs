//! The console of the staff, task by task.

mod cases;
mod orders;
mod staff;
