//! The script as commands, and its replies.

use std::sync::LazyLock;
use std::time::Duration;

use nano_webhook_core::dedupe::{BodyDigest, Claim, Ownership};
use redis::{Cmd, Value, from_redis_value};

use crate::error::RedisStoreError;

/// It works on one key, so it runs on a cluster.
const CODE: &str = include_str!("store.lua");
static HASH: LazyLock<String> = LazyLock::new(|| redis::Script::new(CODE).get_hash().to_owned());

/// The usual command. It fails with `NOSCRIPT` if the server does not know the script.
pub(crate) fn by_hash(key: &str, arguments: &[String]) -> Cmd {
    command("EVALSHA", &HASH, key, arguments)
}

/// The command that also teaches the script to the server. `SCRIPT LOAD` would go to every
/// node of a cluster, and fail with any of them.
pub(crate) fn by_code(key: &str, arguments: &[String]) -> Cmd {
    command("EVAL", CODE, key, arguments)
}

fn command(name: &str, script: &str, key: &str, arguments: &[String]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(1).arg(key).arg(arguments);
    command
}

/// The argument for a duration. It is rounded up, so that no lease is too short, and at
/// most 100 years, whose microseconds Lua still counts exactly.
pub(crate) fn microseconds(duration: Duration) -> String {
    let longest = Duration::from_secs(100 * 366 * 24 * 3600);
    let bounded = duration.clamp(Duration::from_millis(1), longest);
    bounded.as_nanos().div_ceil(1000).to_string()
}

pub(crate) fn claim(reply: Value) -> Result<Claim, RedisStoreError> {
    // The client would turn a negative number into a large u64.
    let (outcome, number, body): (u8, i64, String) =
        from_redis_value(reply).map_err(|_| unexpected_reply())?;
    let number = u64::try_from(number).map_err(|_| unexpected_reply())?;
    match outcome {
        0 | 1 => Ok(Claim::Acquired {
            attempt: number,
            taken_over: outcome == 1,
        }),
        2 => Ok(Claim::InProgress {
            remaining: Duration::from_micros(number),
        }),
        3 if body.len() == 32 => {
            let digest = u128::from_str_radix(&body, 16).map_err(|_| unexpected_reply())?;
            let body = BodyDigest::from_bytes(digest.to_be_bytes());
            Ok(Claim::Completed { body })
        }
        _ => Err(unexpected_reply()),
    }
}

pub(crate) fn ownership(reply: Value) -> Result<Ownership, RedisStoreError> {
    match from_redis_value(reply) {
        Ok(1) => Ok(Ownership::Held),
        Ok(0) => Ok(Ownership::Lost),
        _ => Err(unexpected_reply()),
    }
}

fn unexpected_reply() -> RedisStoreError {
    RedisStoreError::failed("unexpected reply; check that the server is redis")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_another_shape_are_errors() {
        let answer = |outcome, number, body: &str| {
            let text = Value::BulkString(body.into());
            Value::Array(vec![Value::Int(outcome), Value::Int(number), text])
        };
        for reply in [
            Value::Nil,
            Value::Int(2),
            Value::Int(-1),
            Value::Array(vec![Value::Int(0), Value::Int(1)]),
            answer(4, 1, ""),
            answer(0, -1, ""),
            answer(3, 0, "ab"),
            answer(3, 0, &"x".repeat(32)),
        ] {
            assert!(claim(reply.clone()).is_err(), "{reply:?}");
            assert!(ownership(reply.clone()).is_err(), "{reply:?}");
        }
    }
}
