-- Forget the day's count and take the ticket for rebuilding it, unless somebody holds one.
-- KEYS: the day's hash, the ticket.  ARGV: ticket, milliseconds.  Returns 1 when taken.
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 0
end
redis.call('DEL', KEYS[1])
return 1
