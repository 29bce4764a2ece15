//! Receivers as processes, and a sender that does not give up.
#![allow(dead_code, reason = "each test file uses its part")]

mod receiver;
mod sender;

mod redis;

pub(crate) use receiver::{Kind, Receiver};
pub(crate) use redis::RedisServer;
pub(crate) use sender::Sender;

pub(crate) const SECRET: &str = "a secret for the proofs only";
