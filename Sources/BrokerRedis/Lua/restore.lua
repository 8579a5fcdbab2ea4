-- Leases again what somebody has taken from its holder, as deleting the consumer does.
--
-- KEYS: stream, floor. ARGV: group, consumer, epoch; then for each entry: id, token, the token under which it is leased
-- again.
-- Assumes at most 256 entries: what the caller has in hand, whose leases have not run out by its own clock and of which
-- it has settled none. An entry that is not pending may have been acknowledged by a former holder, and that must stay.
-- A first lease had none: if such a one is gone, or the consumer itself, then what it held was taken from it, unsettled.
-- What the group was not given yet comes by itself.
-- Answers one outcome for each entry (5: leased again), or an error that hit them all.
local consumer, again = ARGV[2], 5

-- Where others have taken something over, since the server's clock was set, that may be how the rest has gone.
local function wasRobbed()
  local isFirstGone = false
  for i = 4, #ARGV, 3 do
    local line = pending(ARGV[i])
    if line and line.owner ~= consumer then return false end
    if not line and ARGV[i + 1] == '1' then isFirstGone = true end
  end
  return isFirstGone or not isMember(consumer)
end

local isRobbed, given

local function restore(id, token, new)
  local line = pending(id)
  if line then return over(line, consumer, token) or done end
  if not isRobbed or isBefore(given, id) then return settled end
  local claimed = call('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', new, 'FORCE', unpack(justIds))
  return claimed[1] and again or missing
end

return attempt(function()
  isRobbed, given = wasRobbed(), lastGiven()
  return settleEach(4, 3, restore)
end)
