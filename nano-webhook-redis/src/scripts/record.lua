-- A record is text: "leased OWNER ATTEMPT DEADLINE", "completed OWNER" or
-- "free ATTEMPT". The deadline is in milliseconds of the server's clock.
local key, owner = KEYS[1], ARGV[1]
local lease, retention = tonumber(ARGV[2]), tonumber(ARGV[3])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local state, holder, attempt, deadline = 'free', '', 0, 0
local value = redis.call('GET', key)
if value then
  local words = {}
  for word in string.gmatch(value, '%S+') do
    words[#words + 1] = word
  end
  state = words[1]
  if state == 'leased' then
    holder, attempt, deadline = words[2], tonumber(words[3]), tonumber(words[4])
  elseif state == 'completed' then
    holder = words[2]
  elseif state == 'free' then
    attempt = tonumber(words[2])
  else
    state = nil
  end
  -- Never taken for free: it is not ours to write over.
  if not (state and holder and attempt and deadline) then
    return redis.error_reply('FOREIGN the key holds something that is not a claim')
  end
  if state == 'leased' and deadline <= now then
    state = 'free'
  end
end
local held = state == 'leased' and holder == owner

local function keep(text, milliseconds)
  redis.call('SET', key, text, 'PX', string.format('%.0f', milliseconds))
end

local function hold()
  -- Rounded up: a lease must not end before its holder thinks that it does.
  local ends = time[1] * 1000 + math.ceil(time[2] / 1000) + lease
  keep(string.format('leased %s %.0f %.0f', owner, attempt, ends), ends - now + retention)
end

