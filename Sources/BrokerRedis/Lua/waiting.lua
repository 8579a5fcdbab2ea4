-- What scripts share that have to do with what waits for a retry: it is pending under the name '~parked', and the sorted
-- set says when it is due.
local due = KEYS[3]

-- The line of the pending list that a member of the sorted set is about, if that entry waits; nothing for junk.
local function waitingLine(member)
  local isDone, line = pcall(pending, member)
  return isDone and pad(member) and line and line.owner == parked and line or nil
end

-- Makes an entry wait again that is in no pending list. Which attempt it was is lost with the line; one is certain.
local function waitAgain(member, given)
  local isDone, line = pcall(pending, member)
  if not isDone or line or not pad(member) or isBefore(given, member) then return end
  call('XCLAIM', stream, group, parked, 0, member, 'RETRYCOUNT', 1, 'FORCE', unpack(justIds))
end

-- Whether the owner of what waits has anything.
local function hasWaiting()
  return call('XPENDING', stream, group, '-', '+', 1, parked)[1] ~= nil
end

-- Lets what the sorted set knows wait again when somebody has deleted the owner of what waits, and its lines with him:
-- no script does that, and the floor says whether he has been there. Takes about 10 ms for 1,000 entries.
local function restoreWaiting()
  local given, page = lastGiven(), 1000
  for start = 0, call('ZCARD', due) - 1, page do
    for _, member in ipairs(call('ZRANGE', due, start, start + page - 1)) do waitAgain(member, given) end
  end
  -- All of it was junk, and is not to be gone through again.
  if not hasWaiting() then call('HSET', floor, 'parked', 0) end
end

-- Whether the owner of what waits has ever been there in this life of the group.
local function hasParked()
  return own('HGET', floor, 'parked') == '1'
end
