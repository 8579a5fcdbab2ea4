-- Publishes messages to another stream and removes an entry from its group.
--
-- KEYS: stream, floor, destination. ARGV: group, consumer, epoch, id, token; then for each message: the number of its
-- values (twice that of its fields), and these.
-- Assumes messages of at most 3,500 fields: Lua passes on some 8,000 values at once. All or none of the messages are
-- stored; the destination is written first; a repetition answers `settled`.
-- Answers the outcome in an array of one, or an error.
local consumer, epoch, id, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local destination = KEYS[3]

-- Stores the messages; the ids of those that were stored are in `added`, also when one was refused.
local function store(added)
  local position = 6
  while position <= #ARGV do
    local stop = position + tonumber(ARGV[position])
    added[#added + 1] = call('XADD', destination, '*', unpack(ARGV, position + 1, stop))
    position = stop + 1
  end
end

local function forward()
  if not isCurrent(epoch) then return settled end
  local refused = refusal(id, consumer, token)
  if refused then return refused end
  if not fields(id) then return missing end
  local added = {}
  local failure = attempt(store, added)
  if failure then
    withdraw(destination, added)
    return failure
  end
  return remove(id, destination, added)
end

return {attempt(forward)}
