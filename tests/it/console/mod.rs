//! The console of the staff, task by task.

mod goods;
mod goods_edges;
mod setup;
mod staff;
