-- Publishes messages to other streams and removes an entry from its group.
--
-- KEYS: stream, floor; then the destination of each message. ARGV: group, consumer, epoch, id, token; then for each
-- message: the number of entries that its stream keeps (empty: all), the number of its values (twice that of its
-- fields), and the values.
-- Assumes messages of at most 3,500 fields, since Lua passes on about 8,000 values at once. The script stores all
-- messages or none. It writes the destinations first. A repetition returns `settled`.
-- Returns the outcome in an array of one, or an error.
local consumer, epoch, id, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local function append(destination, bound, first, last)
  if bound == '' then return call('XADD', destination, '*', unpack(ARGV, first, last)) end
  return call('XADD', destination, 'MAXLEN', bound, '*', unpack(ARGV, first, last))
end

-- Stores the messages. `added` lists the stored ones, also when the server refused one.
local function store(added)
  local position = 6
  for i = 3, #KEYS do
    local last = position + 1 + tonumber(ARGV[position + 1])
    added[#added + 1] = {KEYS[i], append(KEYS[i], ARGV[position], position + 2, last)}
    position = last + 1
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
    withdraw(added)
    return failure
  end
  return remove(id, added)
end

return {attempt(forward)}
