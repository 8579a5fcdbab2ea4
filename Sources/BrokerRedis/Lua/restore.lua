-- Leases entries again that somebody has taken from their holder, for example by deleting the consumer.
--
-- KEYS: stream, floor. ARGV: group, consumer, epoch; then for each entry: id, token, the token for the new lease.
-- Assumes at most 256 entries. The caller has them in hand and has settled none of them. By its own clock their leases
-- have not run out. A former holder may have acknowledged an entry that is not pending. Such an entry must stay
-- settled. An entry in its first lease (token 1) has no former holder. So if such an entry or the consumer itself is
-- gone, somebody took the consumer's entries from it, unsettled. Entries that the group was not given yet arrive
-- without this script.
-- A takeover raises the count of an entry. Where another consumer owns an entry under a count that is not greater,
-- somebody has made the stream again, and the entry is another one with the same id.
-- Returns one outcome for each entry (5: leased again), or an error that hit all of them.
local consumer, again = ARGV[2], 5

-- Whether somebody took the entries from the consumer. If another consumer has taken one of them over, since the
-- server's clock was set, the others may have gone the same way. Then it returns false.
local function wasRobbed()
  local isFirstGone = false
  for i = 4, #ARGV, 3 do
    local line, token = pending(ARGV[i]), tonumber(ARGV[i + 1])
    if line and line.owner ~= consumer and line.count > token then return false end
    if not line and token == 1 then isFirstGone = true end
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
