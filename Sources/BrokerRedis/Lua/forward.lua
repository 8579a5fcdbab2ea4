-- Publishes messages to other streams and removes an entry from its group.
--
-- KEYS: stream, floor; then for each message its destination and, if it has an id of its publisher, the hash of the
-- destination's ids. ARGV: group, consumer, epoch, id, token; then for each message: the number of entries that its
-- stream keeps (empty: all), the id of its publisher (empty: none), with an id how long ids are known in ms and how many
-- of them, the number of its values (twice that of its fields), and the values.
-- Assumes messages of at most 3,500 fields, since Lua passes on about 8,000 values at once. The script stores all
-- messages or none, but those whose ids are known already. It writes the destinations first. A repetition returns
-- `settled`.
-- Returns the outcome in an array of one, or an error.
local consumer, epoch, id, token = ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local function append(destination, bound, first, last)
  if bound == '' then return call('XADD', destination, '*', unpack(ARGV, first, last)) end
  return call('XADD', destination, 'MAXLEN', bound, '*', unpack(ARGV, first, last))
end

-- Reads the description of a message that begins with a key and an argument. Returns it, and where the next one begins.
local function message(key, position)
  local told = {destination = KEYS[key], bound = ARGV[position], id = ARGV[position + 1]}
  key, position = key + 1, position + 2
  if told.id ~= '' then
    told.ids, told.window, told.most = KEYS[key], tonumber(ARGV[position]), tonumber(ARGV[position + 1])
    key, position = key + 1, position + 2
  end
  told.first, told.last = position + 1, position + tonumber(ARGV[position])
  return told, key, told.last + 1
end

-- Stores the messages. `added` lists the stored ones, also when the server refused one.
local function store(added)
  local key, position, told = 3, 6, nil
  while key <= #KEYS do
    told, key, position = message(key, position)
    local function add() return append(told.destination, told.bound, told.first, told.last) end
    if told.id == '' then
      added[#added + 1] = {told.destination, add()}
    else
      local entry, wasThere = once(told.destination, told.ids, told.id, told.window, told.most, add)
      if not wasThere then added[#added + 1] = {told.destination, entry, told.ids, told.id} end
    end
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
