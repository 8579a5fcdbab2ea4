-- What scripts share that store something elsewhere and remove the entry from its group, as one step.

-- Whether this consumer may remove the entry: nothing if so, else the outcome.
local function refusal(id, consumer, token)
  local line = pending(id)
  if not line then return settled end
  if line.err then return line end
  if line[2] ~= consumer or line[4] ~= tonumber(token) then return lost end
  -- A destination that was written and an entry that cannot be removed would double the message.
  if redis.acl_check_cmd and not redis.acl_check_cmd('XACK', stream, group, id) then
    return {err = 'NOPERM this user has no permissions to run the \'xack\' command on the stream'}
  end
end

-- Adds an entry; answers its id or an error. Lua can pass on some 8,000 values at once.
local function append(key, fields)
  return redis.pcall('XADD', key, '*', unpack(fields))
end
