-- Lets leases begin anew: an extension, or a retry in place, which counts an attempt.
--
-- KEYS: stream, floor. ARGV: group, consumer, epoch; then for each entry: id, token, the new token (the same for an
-- extension).
-- Assumes at most 256 entries. A repetition finds the new token and lets the lease begin anew once more, since the
-- holder counts its time from the answer.
-- Answers one outcome for each entry.
local consumer, epoch = ARGV[2], ARGV[3]

local function extend(id, token, new)
  local line = pending(id)
  if not line then return settled end
  if line.err then return line end
  local isHeld = line[4] == tonumber(token) or line[4] == tonumber(new)
  if line[2] ~= consumer or not isHeld then return lost end
  local claimed = redis.pcall('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', new, 'JUSTID')
  if claimed.err then return claimed end
  if claimed[1] then return done end
  redis.call('XACK', stream, group, id)
  return missing
end

local isOurs = isCurrent(epoch)
local outcomes = {}
for i = 4, #ARGV, 3 do
  outcomes[#outcomes + 1] = isOurs and extend(ARGV[i], ARGV[i + 1], ARGV[i + 2]) or settled
end
return outcomes
