-- Writes one entry of an application's board if it is still what the writer saw, and tells the agents.
-- KEYS[1]  the board's hash, such as advisor:knobs:voiceassist
-- ARGV[1]  the field: the knob's name
-- ARGV[2]  the entry as the writer saw it; empty when there was none
-- ARGV[3]  the entry to write
-- ARGV[4]  the channel to tell the agents on
-- Returns 1 when written, 0 when somebody else has written since.
local current = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if current ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 1
