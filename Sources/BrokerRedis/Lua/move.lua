-- Stores a message at the end of another stream and removes the entry whose place it takes.
--
-- KEYS: stream, destination. ARGV: id; the number of entries that the destination keeps (empty: all); the number of
-- values of the message, then the values.
-- Assumes a message of at most 3,500 fields, since Lua passes on about 8,000 values at once. The script writes the
-- destination first, so that nothing is lost. If the server refuses to remove the entry, which 6.2 cannot tell in
-- advance, the stored message is removed, too. A repetition stores nothing.
-- Returns the id of the stored message, nil if the entry is gone, or an error.
local destination, id, bound = KEYS[2], ARGV[1], ARGV[2]

local function store()
  if bound == '' then return call('XADD', destination, '*', unpack(ARGV, 4)) end
  return call('XADD', destination, 'MAXLEN', bound, '*', unpack(ARGV, 4))
end

return attempt(function()
  if #call('XRANGE', stream, id, id) == 0 then return false end
  if redis.acl_check_cmd and not redis.acl_check_cmd('XDEL', stream, id) then
    error('NOPERM this user has no permissions to run the \'xdel\' command on the stream', 0)
  end
  local added = store()
  local failure = attempt(call, 'XDEL', stream, id)
  if not isError(failure) then return added end
  attempt(call, 'XDEL', destination, added)
  return failure
end)
