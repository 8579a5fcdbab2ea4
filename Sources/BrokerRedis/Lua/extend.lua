-- Starts leases anew: for an extension, or for a retry in place, which counts an attempt.
--
-- KEYS: stream, floor; the floor is left out while stream and floor are at two nodes. ARGV: group, consumer, epoch; then
-- for each entry: id, token, the new token (the same for an extension).
-- Assumes at most 256 entries. A repetition finds the new token and starts the lease anew once more, since the holder
-- counts the time from the reply.
-- Returns one outcome for each entry, or an error that hit all of them.
local consumer = ARGV[2]

local function extend(id, token, new)
  local line = pending(id)
  local outcome = over(line, consumer, token)
  if outcome and over(line, consumer, new) then return outcome end
  return give(id, consumer, new) and done or missing
end

return attempt(settleEach, 4, 3, extend)
