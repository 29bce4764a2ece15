//! A webhook receiver on actix-web
fn main() {}
