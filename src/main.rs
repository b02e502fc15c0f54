//! The `vendgate` program.

fn main() {}
