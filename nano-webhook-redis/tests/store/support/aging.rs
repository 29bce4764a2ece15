use std::time::Duration;

use super::RedisServer;

/// Moves every record into the past.
const AGE: &str = "
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left == -1 then
    return redis.error_reply('ENDLESS a key without an end')
  end
  local value = redis.call('GET', key)
  local before, since, after = string.match(value, '^(leased %S+ %d+) (%d+) (.*)$')
  if since then
    value = string.format('%s %.0f %s', before, since - ARGV[1], after)
  end
  redis.call('SET', key, value)
  redis.call('PEXPIRE', key, string.format('%.0f', left - ARGV[1] / 1000))
end
return 1
";

/// Lets time pass for every record on a server, so that no test waits, and leases are
/// far longer than a loaded machine takes for a test.
pub(crate) async fn age(server: &RedisServer, by: Duration) {
    let by = by.as_micros().to_string();
    assert_eq!(server.command(&["EVAL", AGE, "0", &by]).await, ":1\r\n");
}
