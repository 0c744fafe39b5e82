-- Lengthen leases that are still held; one that has run out is not revived, its place may be taken.
-- KEYS: sorted sets.  ARGV: owner, milliseconds.  Returns 1 when every lease was still held, else 0.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for _, key in ipairs(KEYS) do
  local ends = redis.call('ZSCORE', key, ARGV[1])
  if not ends or tonumber(ends) <= now then
    return 0
  end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + tonumber(ARGV[2]), ARGV[1])
  redis.call('PEXPIRE', key, tonumber(ARGV[2]))
end
return 1
