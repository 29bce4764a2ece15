//! A webhook receiver on axum
fn main() {}
