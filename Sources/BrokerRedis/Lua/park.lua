-- Gives leases up until their time comes: a retry, or a release, which refunds the attempt.
--
-- KEYS: stream, floor, due. ARGV: group, consumer, epoch; then for each entry: id, token, the token under which it
-- waits (the same for a retry), delay in ms.
-- Assumes at most 256 entries. An entry stays pending, owned by '~parked', so that nothing is lost with the sorted
-- set, which only says when; it is written first. A repetition answers `settled`.
-- Answers one outcome for each entry.
local consumer, epoch, due = ARGV[2], ARGV[3], KEYS[3]

-- Writes the sorted set; in the place of another type it begins a new one.

local function index(key, time, member)
  local added = redis.pcall('ZADD', key, decimal(time), member)
  if type(added) ~= 'table' then return {} end
  if not string.find(added.err, 'WRONGTYPE', 1, true) then return added end
  redis.call('DEL', key)
  return index(key, time, member)
end

local function park(id, token, waiting, delay)
  local line = pending(id)
  if not line then return settled end
  if line.err then return line end
  if line[2] == parked then return line[4] == tonumber(waiting) and settled or lost end
  if line[2] ~= consumer or line[4] ~= tonumber(token) then return lost end
  local member = pad(line[1])
  local added = index(due, now + delay, member)
  if added.err then return added end
  local claimed = redis.pcall('XCLAIM', stream, group, parked, 0, id, 'RETRYCOUNT', waiting, 'JUSTID')
  if claimed.err then return claimed end
  if claimed[1] then return done end
  redis.call('ZREM', due, member)
  redis.call('XACK', stream, group, id)
  return missing
end

local isOurs = isCurrent(epoch)
local outcomes = {}
for i = 4, #ARGV, 4 do
  outcomes[#outcomes + 1] = isOurs and park(ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])) or settled
end
return outcomes
