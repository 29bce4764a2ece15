-- One call on one record. A record is text:
--
--   leased OWNER ATTEMPT SINCE LEASE BODY
--   completed OWNER BODY
--   free ATTEMPT
--
-- SINCE is the server's time. SINCE, LEASE and all durations are in microseconds.
local key, call, owner, body = KEYS[1], ARGV[1], ARGV[2], ARGV[5]
local lease, retention = tonumber(ARGV[3]), tonumber(ARGV[4])

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local value = redis.call('GET', key) or 'free 0'
local holder, held_attempt, since, length, held_body =
  string.match(value, '^leased (%x+) (%d+) (%d+) (%d+) (%x+)$')
local completer, completed_body = string.match(value, '^completed (%x+) (%x+)$')
local free_attempt = string.match(value, '^free (%d+)$')
if not (holder or completer or free_attempt) then
  return redis.error_reply('FOREIGN the key holds a value that is not a claim')
end
local attempt = tonumber(held_attempt or free_attempt)

local function write(text, lasts)
  redis.call('SET', key, text, 'PX', string.format('%.0f', math.ceil(lasts / 1000)))
end

local function hold(by, term, digest)
  write(string.format('leased %s %.0f %.0f %.0f %s', by, attempt, now, term, digest), term + retention)
end

if call == 'claim' then
  if completer then
    return {3, 0, completed_body}
  end
  local running = holder and now < since + length
  if running and holder ~= owner then
    local remaining = since + length - now
    if remaining > tonumber(length) then
      -- The clock was set back. Without a new start, the lease would last until
      -- the clock has caught up.
      remaining = tonumber(length)
      hold(holder, remaining, held_body)
    end
    return {2, remaining, ''}
  end
  if not running then
    attempt = attempt + 1
  end
  hold(owner, lease, body)
  return {holder and holder ~= owner and 1 or 0, attempt, ''}
end

if holder ~= owner then
  return call == 'complete' and completer == owner and 1 or 0
end
if call == 'renew' then
  hold(owner, lease, held_body)
elseif call == 'complete' then
  write('completed ' .. owner .. ' ' .. held_body, retention)
else
  write(string.format('free %.0f', attempt), retention)
end
return 1
