//! What goes over the wire, and what comes back.

use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, DeliveryId, LeaseToken, Ownership, Terms};
use redis::Value;

use crate::error::RedisStoreError;
use crate::script::Arguments;

/// Far beyond any use. A server refuses times that overflow its clock.
const LONGEST_MILLISECONDS: u64 = 100 * 366 * 24 * 3600 * 1000;

pub(crate) fn arguments(
    prefix: &str,
    id: DeliveryId,
    owner: LeaseToken,
    terms: Terms,
) -> Arguments {
    Arguments {
        key: format!("{prefix}{id}"),
        owner: owner.to_string(),
        lease: milliseconds(terms.lease),
        retention: milliseconds(terms.retention),
    }
}

/// Rounded up, so that nothing lasts for less than it should, or for nothing.
fn milliseconds(duration: Duration) -> u64 {
    let rounded_up = duration.as_nanos().div_ceil(1_000_000);
    u64::try_from(rounded_up)
        .unwrap_or(u64::MAX)
        .clamp(1, LONGEST_MILLISECONDS)
}

pub(crate) fn claim(reply: Value) -> Result<Claim, RedisStoreError> {
    // The client turns a negative number into a large one where asked for a u64.
    let (outcome, number): (i64, i64) =
        redis::from_redis_value(reply).map_err(|_| RedisStoreError::UnexpectedReply)?;
    let number = u64::try_from(number).map_err(|_| RedisStoreError::UnexpectedReply)?;
    match outcome {
        0 => Ok(Claim::Acquired { attempt: number }),
        1 => Ok(Claim::InProgress {
            remaining: Duration::from_millis(number),
        }),
        2 => Ok(Claim::Completed),
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
            (Duration::ZERO, 1),
            (Duration::from_nanos(1), 1),
            (Duration::from_millis(1), 1),
            (Duration::from_micros(1_001), 2),
            (Duration::from_secs(30), 30_000),
            (Duration::MAX, LONGEST_MILLISECONDS),
        ] {
            assert_eq!(milliseconds(duration), expected, "{duration:?}");
        }
    }

    #[test]
    fn replies_of_another_shape_are_errors() {
        let wrong = [
            Value::Nil,
            Value::Okay,
            Value::Int(2),
            Value::Int(-1),
            Value::Array(vec![]),
            Value::Array(vec![Value::Int(3), Value::Int(1)]),
            Value::Array(vec![Value::Int(0), Value::Int(-1)]),
            Value::Array(vec![Value::Int(0)]),
        ];
        for reply in wrong {
            assert!(claim(reply.clone()).is_err(), "{reply:?}");
            assert!(ownership(reply.clone()).is_err(), "{reply:?}");
        }
    }
}
