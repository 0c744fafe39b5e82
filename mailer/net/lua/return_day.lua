-- Give back reservations that were not used. KEYS: the day's hash.  ARGV: n, epoch of the grant.
-- Returns 1 when given back; 0 when the day was rebuilt since and has counted anew.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then
  return 0
end
local used = math.max(0, tonumber(redis.call('HGET', KEYS[1], 'used') or 0) - tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'used', string.format('%.0f', used))
return 1
