-- What every script of a group begins with.
--
-- KEYS[1] is the stream, KEYS[2] the group's floor; ARGV[1] is the group. All keys of a script share a slot. Scripts
-- touch ids, not messages. Redis runs them alone but does not roll back: whatever can be refused goes through pcall
-- and its error is handed back as it came (6.2 hides the prefix of one that is raised).
local stream, floor, group = KEYS[1], KEYS[2], ARGV[1]

-- The server's time in milliseconds; no script trusts another clock.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- An id with its sequence padded to 20 digits, so that ids of one millisecond compare as text; nothing for junk.
local function pad(id)
  local milliseconds, sequence = string.match(id, '^(%d+)%-(%d+)$')
  return milliseconds and milliseconds .. '-' .. string.rep('0', 20 - #sequence) .. sequence
end

-- What a settlement came to; in the place of a number, an error says that it was refused.
local done, settled, lost, missing = 1, 2, 3, 4
-- Who owns what waits for a retry.
local parked = '~parked'
-- Counts are exact up to here.
local greatest = 9007199254740991

-- Numbers as Redis writes them; Lua's own conversion loses digits.
local function decimal(number)
  return string.format('%.0f', number)
end

-- Calls a command on a key of ours. If somebody has put something of another type there, it is removed first.
local function own(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) ~= 'table' or not answer.err then return answer end
  if string.find(answer.err, 'WRONGTYPE', 1, true) then redis.call('DEL', key) end
  return redis.call(command, key, ...)
end

-- Whether a receipt's epoch is that of the group. A group whose epoch was lost takes the one that is shown.
local function isCurrent(epoch)
  local known = own('HGET', floor, 'epoch')
  if not known then redis.call('HSET', floor, 'epoch', epoch) end
  return not known or known == epoch
end

-- The line of the pending list about an entry: {id, owner, idle, count}, nothing if it is not pending, or an error.
local function pending(id)
  local lines = redis.pcall('XPENDING', stream, group, id, id, 1)
  return lines.err and lines or lines[1]
end
