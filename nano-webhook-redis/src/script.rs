//! The calls of the contract as commands, and the replies to them.

use std::sync::LazyLock;
use std::time::Duration;

use nano_webhook_core::dedupe::{BodyDigest, Claim, OwnerToken, Ownership, Terms};
use redis::{Cmd, Value};

use crate::error::RedisStoreError;

/// It works on one key, so it runs on a cluster.
const CODE: &str = include_str!("store.lua");
static HASH: LazyLock<String> = LazyLock::new(|| redis::Script::new(CODE).get_hash().to_owned());

const SHORTEST: Duration = Duration::from_millis(1);
/// 100 years. A Lua number holds its microseconds exactly.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) key: String,
    pub(crate) owner: OwnerToken,
    pub(crate) terms: Terms,
    /// A claim has one.
    pub(crate) body: Option<BodyDigest>,
}

impl Call {
    /// The usual command. It fails with `NOSCRIPT` if the server does not know
    /// the script.
    pub(crate) fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", &HASH)
    }

    /// The command that also teaches the script to the server. `SCRIPT LOAD` would
    /// go to every node of a cluster, and fail with any of them.
    pub(crate) fn by_code(&self) -> Cmd {
        self.command("EVAL", CODE)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command
            .arg(script)
            .arg(1)
            .arg(&self.key)
            .arg(self.name)
            .arg(self.owner.to_string())
            .arg(microseconds(self.terms.lease))
            .arg(microseconds(self.terms.retention))
            .arg(self.body.map(|body| body.to_string()).unwrap_or_default());
        command
    }
}

/// Rounded up, so that no lease is shorter than its terms.
fn microseconds(duration: Duration) -> u64 {
    let rounded_up = duration.clamp(SHORTEST, LONGEST).as_nanos().div_ceil(1000);
    u64::try_from(rounded_up).unwrap_or(u64::MAX)
}

pub(crate) fn claim(reply: Value) -> Result<Claim, RedisStoreError> {
    // The client turns a negative number into a large one where asked for a u64.
    let (outcome, number, body): (i64, i64, String) =
        redis::from_redis_value(reply).map_err(|_| RedisStoreError::UnexpectedReply)?;
    let number = u64::try_from(number).map_err(|_| RedisStoreError::UnexpectedReply)?;
    match outcome {
        0 | 1 => Ok(Claim::Acquired {
            attempt: number,
            taken_over: outcome == 1,
        }),
        2 => Ok(Claim::InProgress {
            remaining: Duration::from_micros(number),
        }),
        3 if body.len() == 32 => match u128::from_str_radix(&body, 16) {
            Ok(digest) => Ok(Claim::Completed {
                body: BodyDigest::from_bytes(digest.to_be_bytes()),
            }),
            Err(_) => Err(RedisStoreError::UnexpectedReply),
        },
        _ => Err(RedisStoreError::UnexpectedReply),
    }
}

pub(crate) fn ownership(reply: Value) -> Result<Ownership, RedisStoreError> {
    match redis::from_redis_value(reply) {
        Ok(1) => Ok(Ownership::Held),
        Ok(0) => Ok(Ownership::Lost),
        _ => Err(RedisStoreError::UnexpectedReply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_up_and_bounded() {
        for (duration, expected) in [
            (Duration::ZERO, 1_000),
            (Duration::from_nanos(1_000_001), 1_001),
            (Duration::from_secs(30), 30_000_000),
            (Duration::MAX, 3_162_240_000_000_000),
        ] {
            assert_eq!(microseconds(duration), expected, "{duration:?}");
        }
    }

    #[test]
    fn replies_of_another_shape_are_errors() {
        let claims = |outcome, number, body: &str| {
            let text = Value::BulkString(body.into());
            Value::Array(vec![Value::Int(outcome), Value::Int(number), text])
        };
        let wrong = [
            Value::Nil,
            Value::Okay,
            Value::Int(2),
            Value::Int(-1),
            Value::Array(vec![]),
            Value::Array(vec![Value::Int(0), Value::Int(1)]),
            claims(4, 1, ""),
            claims(0, -1, ""),
            claims(3, 0, "ab"),
            claims(3, 0, &"x".repeat(32)),
        ];
        for reply in wrong {
            assert!(claim(reply.clone()).is_err(), "{reply:?}");
            assert!(ownership(reply.clone()).is_err(), "{reply:?}");
        }
    }
}
