-- Stores a message at the end of a stream, once if it has an id.
--
-- KEYS: stream, the hash of its ids. ARGV: the number of entries that the stream keeps (empty: all), the id of the
-- publisher (empty: none), how long ids are known in ms, how many of them; then the values of the message.
-- Assumes a message of at most 3,500 fields, since Lua passes on about 8,000 values at once. A repetition within the
-- window stores nothing, also if the entry is gone from the stream. A stream that is gone takes its ids with it.
-- Returns {id of the entry, 1 if it was there already, else 0}, or an error.
local ids, bound, id = KEYS[2], ARGV[1], ARGV[2]

local function store()
  if bound == '' then return call('XADD', stream, '*', unpack(ARGV, 5)) end
  return call('XADD', stream, 'MAXLEN', bound, '*', unpack(ARGV, 5))
end

return attempt(function()
  if id == '' then return {store(), 0} end
  local entry, wasThere = once(stream, ids, id, tonumber(ARGV[3]), tonumber(ARGV[4]), store)
  return {entry, wasThere and 1 or 0}
end)
