-- Shows on the server which handler of a group has been running longest, of those that run for long.
--
-- KEYS: stream, floor. ARGV: group, consumer, id of the entry ('' if no handler of the consumer runs for long any more),
-- for how many ms its handler has been running, for how many ms this is shown unless it is shown again.
-- Assumes nothing about the keys. The field `slow` of the floor holds 'since until id consumer', both times in ms, or
-- nothing. What another consumer shows stays if it is older; the caller shows again with its next heartbeat.
-- Returns 1 if the field was written, else 0, or an error.
local consumer, id, running, lifetime = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local since = now - running

local function keeps(stored)
  local other, stop, _, holder = string.match(stored or '', '^(%d+) (%d+) (%S+) (.+)$')
  if not holder then return id == '' end
  if tonumber(stop) < now then return false end
  return holder ~= consumer and (id == '' or tonumber(other) <= since)
end

return attempt(function()
  if keeps(own('HGET', floor, 'slow')) then return 0 end
  local line = table.concat({decimal(since), decimal(now + lifetime), id, consumer}, ' ')
  call('HSET', floor, 'slow', id == '' and '' or line)
  return 1
end)
