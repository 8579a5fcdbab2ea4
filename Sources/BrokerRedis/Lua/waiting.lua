-- Functions of the scripts that deal with entries that wait for a retry. Such an entry is pending under the name
-- '~parked', and the sorted set tells when it is due.
local due = KEYS[3]

-- The member that keeps the sorted set while no entry waits. It is never due. While a slot of a cluster is marked for
-- migration, the cluster refuses a script of which one key does not exist.
local placeholder = '~placeholder'

-- Adds the placeholder, whose score may have been changed.
local function keepSet()
  own('ZADD', due, '+inf', placeholder)
end

-- Whether the sorted set has members besides the placeholder.
local function isLaden()
  return own('ZRANGEBYSCORE', due, '-inf', '(+inf', 'LIMIT', 0, 1)[1] ~= nil
end

-- The line of the pending list for a member of the sorted set, if its entry waits. Nothing for junk.
local function waitingLine(member)
  local isDone, line = pcall(pending, member)
  return isDone and pad(member) and line and line.owner == parked and line or nil
end

-- Makes an entry wait again that is not in the pending list. The number of its attempts is lost with the line, so it
-- counts one attempt, which is certain.
local function waitAgain(member, given)
  if not pad(member) then return end
  local isDone, line = pcall(pending, member)
  if not isDone or line or isBefore(given, member) then return end
  call('XCLAIM', stream, group, parked, 0, member, 'RETRYCOUNT', 1, 'FORCE', unpack(justIds))
end

-- Whether '~parked', the owner of waiting entries, has any.
local function hasWaiting()
  return call('XPENDING', stream, group, '-', '+', 1, parked)[1] ~= nil
end

-- Makes all entries of the sorted set wait again after somebody has deleted '~parked', and its lines with it. No script
-- deletes '~parked', and the floor tells whether it has existed. This takes about 10 ms for 1,000 entries.
local function restoreWaiting()
  local given, page = lastGiven(), 1000
  for start = 0, call('ZCARD', due) - 1, page do
    for _, member in ipairs(call('ZRANGE', due, start, start + page - 1)) do waitAgain(member, given) end
  end
  -- All members were junk. The next call need not check them again.
  if not hasWaiting() then call('HSET', floor, 'parked', 0) end
end

-- Whether '~parked' has ever existed in this epoch of the group.
local function hasParked()
  return own('HGET', floor, 'parked') == '1'
end
