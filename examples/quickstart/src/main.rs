//! The whole story on one machine, in one command
fn main() {}
