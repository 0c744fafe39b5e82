-- Reserve up to n acceptances of a lane's day.
-- KEYS: the day's hash {epoch, used}.  ARGV: n, cap, accepted (as PostgreSQL counts it; only ever raises `used`).
-- Returns {granted, epoch}; {-1, ''} when the day is not known here and must be rebuilt from PostgreSQL.
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  return {-1, ''}
end
local used = math.max(tonumber(redis.call('HGET', KEYS[1], 'used') or 0), tonumber(ARGV[3]))
local granted = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - used))
redis.call('HSET', KEYS[1], 'used', string.format('%.0f', used + granted))
return {granted, epoch}
