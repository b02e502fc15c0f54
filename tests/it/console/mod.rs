//! The console of the staff, task by task.

mod staff;
