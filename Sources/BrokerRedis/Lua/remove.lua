-- Functions of the scripts that store an entry elsewhere and remove it from its group, as one step.

-- Checks whether this consumer may remove the entry. Returns nothing if so, else the outcome. The check comes first,
-- since a written destination and an entry that cannot be removed would double the message.
local function refusal(id, consumer, token)
  local outcome = over(pending(id), consumer, token)
  if outcome then return outcome end
  if redis.acl_check_cmd and not redis.acl_check_cmd('XACK', stream, group, id) then
    error('NOPERM this user has no permissions to run the \'xack\' command on the stream', 0)
  end
end

-- Removes the entries that were stored elsewhere. Each is a stream and an id; one that was stored by the id of its
-- publisher has the hash of the ids and that id, too.
local function withdraw(added)
  for _, place in ipairs(added) do
    attempt(call, 'XDEL', place[1], place[2])
    if place[3] then attempt(call, 'HDEL', place[3], 'i' .. place[4]) end
  end
end

-- Removes an entry from its group after `added` was stored in its place. If the server refuses this, which 6.2 cannot
-- tell in advance, the stored entries are removed, too.
local function remove(id, added)
  local failure = attempt(call, 'XACK', stream, group, id)
  if not isError(failure) then return done end
  withdraw(added)
  return failure
end

-- The fields of an entry. Nothing if the entry is gone from the stream. Then it leaves the pending list, too.
local function fields(id)
  local entry = call('XRANGE', stream, id, id)[1]
  if entry then return entry[2] end
  call('XACK', stream, group, id)
end
