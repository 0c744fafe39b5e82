-- GCRA over several limits at once, all or nothing, on the server's clock (microseconds).
-- KEYS: one per limit.  ARGV: n, then per key: emission interval in µs, burst (messages that may go at once).
-- Returns 0 when granted, else the microseconds to wait for the slowest limit.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local n = tonumber(ARGV[1])
local wait = 0
local arrivals = {}
for i, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[i * 2])
  local burst = tonumber(ARGV[i * 2 + 1])
  local arrival = math.max(tonumber(redis.call('GET', key) or now), now) + n * interval
  -- A request larger than the burst is held to the rate, not refused for ever.
  local due = arrival - math.max(burst, n) * interval
  if due > now and due - now > wait then
    wait = due - now
  end
  arrivals[i] = arrival
end
if wait > 0 then
  return math.ceil(wait)
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', arrivals[i]), 'PX', math.ceil((arrivals[i] - now) / 1000) + 1000)
end
return 0
