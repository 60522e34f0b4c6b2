-- Adds one commit to a stream if its head is still the one that the appender knows.
-- KEYS[1]  the stream
-- ARGV     number and hash of the known head, number and hash of the commit's last
--          record, incarnation, stored records, channel to wake readers on
-- Returns 1 when added, 0 when the head is another one.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if newest then
  -- Fields come back in the order they were written: h, hash, i, incarnation, b, blob.
  if newest[1] ~= ARGV[1] .. '-0' or newest[2][2] ~= ARGV[2] then
    return 0
  end
elseif ARGV[1] ~= '0' then
  return 0
end
redis.call('XADD', KEYS[1], ARGV[3] .. '-0', 'h', ARGV[4], 'i', ARGV[5], 'b', ARGV[6])
-- The wake-up is a hint: that it may not be sent must not make the append an error.
redis.pcall('PUBLISH', ARGV[7], ARGV[3])
return 1
