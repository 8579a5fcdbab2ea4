-- Gives leases up until their time comes: a retry, or a release, which refunds the attempt.
--
-- KEYS: stream, floor, due. ARGV: group, consumer, epoch; then for each entry: id, token, the token under which it
-- waits (the same for a retry), delay in ms.
-- Assumes at most 256 entries. An entry stays pending, owned by '~parked', so that nothing is lost with the sorted
-- set, which only says when; it is written first. A repetition answers `settled`.
-- Answers one outcome for each entry, or an error that hit them all.
local consumer = ARGV[2]

-- Whether nothing waits yet, so that the owner of what waits may be made by the first claim.
local isFirst = false

local function park(id, token, waiting, delay)
  local line = pending(id)
  local outcome = over(line, consumer, token)
  if outcome then return outcome end
  local member = pad(line.id)
  own('ZADD', due, decimal(now + math.min(tonumber(delay), longestDelay)), member)
  if give(id, parked, waiting) then
    if isFirst then attempt(call, 'HSET', floor, 'parked', 1) end
    isFirst = false
    return done
  end
  call('ZREM', due, member)
  return missing
end

-- Should the owner have been deleted, the first claim would hide what he took with him.
local function preparePlace()
  isFirst = not hasWaiting()
  if not isFirst or own('ZCARD', due) == 0 or not hasParked() or isMember(parked) then return end
  restoreWaiting()
end

return attempt(function()
  attempt(preparePlace)
  return settleEach(4, 4, park)
end)
