//! Time that passes for the records, but not for the test.

use std::time::Duration;

use super::support::RedisServer;

/// Moves one record's end towards now, as if time had passed.
const AGE: &str = "
local by = tonumber(ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left == -1 then
  return redis.error_reply('ENDLESS a key that never ends')
end
if left - by <= 0 then
  return redis.call('DEL', KEYS[1])
end
local value = redis.call('GET', KEYS[1])
local before, deadline = string.match(value, '^(leased %S+ %d+) (%d+)$')
if deadline then
  value = string.format('%s %.0f', before, deadline - by)
end
return redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', left - by))
";

/// Lets time pass for every record on a server. So leases can be minutes
/// long, far longer than a loaded machine takes for a test, and no test waits.
pub async fn age(server: &RedisServer, by: Duration) {
    let by = by.as_millis().to_string();
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
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
            .arg(&by)
            .exec_async(&mut connection)
            .await
            .unwrap();
    }
}
