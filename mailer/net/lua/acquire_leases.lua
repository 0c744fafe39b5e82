-- Connection leases over several limits at once, all or nothing. A member is an owner, its score the end.
-- KEYS: sorted sets, smallest limit first.  ARGV: owner, milliseconds, then one cap per key.
-- Returns 0 when granted, else the number of the key that is full.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if not redis.call('ZSCORE', key, ARGV[1]) and redis.call('ZCARD', key) >= tonumber(ARGV[i + 2]) then
    return i
  end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + tonumber(ARGV[2]), ARGV[1])
  if redis.call('PTTL', key) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', key, tonumber(ARGV[2]))
  end
end
return 0
