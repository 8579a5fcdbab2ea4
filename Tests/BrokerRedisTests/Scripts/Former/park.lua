-- Gives up leases, and lets their entries wait until they are due: a retry, or a release, which refunds the attempt.
--
-- KEYS: stream, floor, due. ARGV: group, consumer, epoch; then for each entry: id, token, the token under which it
-- waits (the same for a retry), delay in ms.
-- Assumes at most 256 entries. An entry stays pending, owned by '~parked'. The sorted set only tells when it is due, so
-- nothing is lost with the set. The script writes the set first. A repetition returns `settled`.
-- Returns one outcome for each entry, or an error that hit all of them.
local consumer = ARGV[2]

-- Whether no entry waits yet. Then the first claim may make '~parked', the owner of waiting entries.
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

-- If somebody has deleted '~parked', the first claim would hide the loss of its entries. So they are restored before.
local function preparePlace()
  isFirst = not hasWaiting()
  if not isFirst or own('ZCARD', due) == 0 or not hasParked() or isMember(parked) then return end
  restoreWaiting()
end

return attempt(function()
  attempt(preparePlace)
  return settleEach(4, 4, park)
end)
