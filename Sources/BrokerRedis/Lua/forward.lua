-- Publishes messages to another stream and removes an entry from its group.
--
-- KEYS: stream, floor, destination. ARGV: group, consumer, epoch, id, token; then for each message: the number of its
-- values (twice that of its fields), and these.
-- All or none of the messages are stored; the destination is written first; a repetition answers `settled`.
-- Answers the outcome in an array of one.
local consumer, epoch, id, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local destination = KEYS[3]

local function forward()
  local refused = refusal(id, consumer, token)
  if refused then return refused end
  if not redis.call('XRANGE', stream, id, id)[1] then
    redis.call('XACK', stream, group, id)
    return missing
  end
  local added, position = {}, 6
  while position <= #ARGV do
    local count = tonumber(ARGV[position])
    local stored = append(destination, {unpack(ARGV, position + 1, position + count)})
    if type(stored) == 'table' and stored.err then
      for _, earlier in ipairs(added) do redis.call('XDEL', destination, earlier) end
      return stored
    end
    added[#added + 1] = stored
    position = position + 1 + count
  end
  redis.call('XACK', stream, group, id)
  return done
end

return {isCurrent(epoch) and forward() or settled}
