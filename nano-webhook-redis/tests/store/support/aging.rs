use std::time::Duration;

use super::{RedisServer, client};
use nano_webhook_redis::redis;

/// Moves one record into the past.
const AGE: &str = "
local by = tonumber(ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left == -1 then
  return redis.error_reply('ENDLESS a key without an end')
end
left = left - by / 1000
if left <= 0 then
  return redis.call('DEL', KEYS[1])
end
local value = redis.call('GET', KEYS[1])
local before, since, after = string.match(value, '^(leased %S+ %d+) (%d+) (.*)$')
if since then
  value = string.format('%s %.0f %s', before, since - by, after)
end
return redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', left))
";

/// Lets time pass for every record on a server, so that no test waits, and leases
/// are far longer than a loaded machine takes for a test.
pub(crate) async fn age(server: &RedisServer, by: Duration) {
    let mut connection = client(&server.url())
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    for key in keys {
        redis::cmd("EVAL")
            .arg(AGE)
            .arg(1)
            .arg(key)
            .arg(by.as_micros().to_string())
            .exec_async(&mut connection)
            .await
            .unwrap();
    }
}
