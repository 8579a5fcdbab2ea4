-- Makes a group if it does not exist, and returns the epoch of the group.
--
-- KEYS: stream, floor, due.
-- ARGV: group; where it begins when it is made for the first time ('0', '$', or the id that it begins behind);
--       1 if the caller knows that it existed before, else 0.
-- Assumes nothing about the keys. A group that is made again begins at its floor. It begins at 0 if there is no floor
-- or no stream, or if the stream ends before the floor and so is another stream. '$' is resolved here, once. A group
-- without an epoch has never been joined. It is marked as new, until a consumer has handled a message. After the call
-- all keys exist.
-- Returns {server time in ms, epoch, 1 if the group was made, else 0}, or the error that XGROUP CREATE gave.
local first, isAgain = ARGV[2], ARGV[3] == '1'

-- The last id that the stream gave, or nothing without a stream.
local function lastGiven()
  if call('EXISTS', stream) == 0 then return nil end
  return facts(call('XINFO', 'STREAM', stream))['last-generated-id']
end

local function beginning()
  local given, stored = lastGiven(), own('HGET', floor, 'id')
  local isKnown = stored and pad(stored)
  if isKnown and given and not isBefore(given, stored) then return stored end
  if isKnown or isAgain or first == '0' then return '0-0' end
  if first == '$' then return given or '0-0' end
  return first
end

-- Epochs follow the clock, so they rise even if the floor was lost with the group.
local function raiseEpoch()
  local moment = clock[1] * 1000000 + clock[2]
  local epoch = decimal(math.max((tonumber(currentEpoch()) or 0) + 1, moment))
  call('HSET', floor, 'epoch', epoch)
  return epoch
end

local function markNew()
  if not isAgain then call('HSET', floor, 'new', 1) end
end

-- Removes the entries that waited in an earlier epoch: they are new again, or gone. The set itself stays.
local function emptySet()
  repeat
    local members = call('ZRANGEBYSCORE', due, '-inf', '(+inf', 'LIMIT', 0, 1000)
    if #members > 0 then call('ZREM', due, unpack(members)) end
  until #members < 1000
end

return attempt(function()
  local start, known = beginning(), currentEpoch()
  local made = redis.pcall('XGROUP', 'CREATE', stream, group, start, 'MKSTREAM')
  if isError(made) then
    if not string.find(made.err, 'BUSYGROUP', 1, true) then error(made.err, 0) end
    if not known then markNew() end
    attempt(keepSet)
    return {now, known or raiseEpoch(), 0}
  end
  call('HSET', floor, 'id', start)
  if not known then markNew() end
  attempt(call, 'HSET', floor, 'parked', 0)
  attempt(keepSet)
  attempt(emptySet)
  return {now, raiseEpoch(), 1}
end)
