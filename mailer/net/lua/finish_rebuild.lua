-- Set the day's count, if our ticket still holds: else a flush or another rebuild has come between.
-- KEYS: the day's hash, the ticket.  ARGV: ticket, used, seconds to keep.  Returns 1 when set.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'used', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('DEL', KEYS[2])
return 1
