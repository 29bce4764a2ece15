//! The script as commands, and its replies.

use std::sync::LazyLock;
use std::time::Duration;

use nano_webhook_core::dedupe::{BodyDigest, Claim, Ownership};
use redis::{Cmd, Value, from_redis_value};

use crate::error::RedisStoreError;

/// It works on one key, so it runs on a cluster.
const CODE: &str = include_str!("store.lua");
static HASH: LazyLock<String> = LazyLock::new(|| redis::Script::new(CODE).get_hash().to_owned());

/// The usual command is by hash. It fails with `NOSCRIPT` if the server does not know
/// the script. The code also teaches it to the server: `SCRIPT LOAD` would go to every
/// node of a cluster, and fail with any of them.
pub(crate) fn command(by_hash: bool, key: &str, arguments: &[String]) -> Cmd {
    let (name, script) = match by_hash {
        true => ("EVALSHA", HASH.as_str()),
        false => ("EVAL", CODE),
    };
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
