-- What scripts share that store something elsewhere and remove the entry from its group, as one step.

-- Whether this consumer may remove the entry: nothing if so, else the outcome. A destination that was written and an
-- entry that then cannot be removed would double the message, so the right to remove it is looked at first.
local function refusal(id, consumer, token)
  local outcome = over(pending(id), consumer, token)
  if outcome then return outcome end
  if redis.acl_check_cmd and not redis.acl_check_cmd('XACK', stream, group, id) then
    error('NOPERM this user has no permissions to run the \'xack\' command on the stream', 0)
  end
end

-- Removes what was stored elsewhere: pairs of a stream and an id.
local function withdraw(added)
  for _, place in ipairs(added) do attempt(call, 'XDEL', place[1], place[2]) end
end

-- Removes an entry from its group, in whose place something was stored. Should that be refused, since 6.2 cannot be
-- asked before, what was stored goes, too.
local function remove(id, added)
  local failure = attempt(call, 'XACK', stream, group, id)
  if not isError(failure) then return done end
  withdraw(added)
  return failure
end

-- The fields of an entry; nothing if it is gone from the stream: then it leaves the pending list, too.
local function fields(id)
  local entry = call('XRANGE', stream, id, id)[1]
  if entry then return entry[2] end
  call('XACK', stream, group, id)
end
