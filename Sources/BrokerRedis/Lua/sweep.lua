-- Leases what is due and what its holders have let expire. It answers ids alone; the caller reads the bodies.
--
-- KEYS: stream, floor, due, guard. ARGV: group, consumer, visibility in ms, epoch the caller knows, how many due ones,
-- how many expired ones, how many suspects among these, the server time the caller expects (0 for none), which
-- consumer is looked at first, the id from which waiting entries are looked through (`-` for none).
--
-- Expired: leases of every consumer, the caller included, since a lost reply leaves entries with one that never saw
-- them. Idle is held against the larger visibility of holder (its name ends in it) and caller. If the server's time
-- is more than a third of the visibility away from what the caller expects, a clock was set or the server stood
-- still: nothing expired is taken until holders had a third to extend. The guard keeps a group from being swept more
-- than once in a third; a sweep that filled its quota or passed over suspects leaves it open.
-- Due: claimed only if '~parked' still owns it, and removed after the claim. What waits and is not in the sorted set
-- is filed as due now; what is in it and does not wait is removed.
--
-- Answers {server time, epoch, ms until the next due one or -1, 1 if there may be more that is expired plus 2 if
-- suspects were passed over, where to go on looking through waiting entries, expired {id, token, …}, due {id, token, …}, missing {id, …}, lines mended}.
-- A missing id was pending and is gone from the stream; it leaves the pending list here. Or an error, such as NOGROUP.
local due, guard = KEYS[3], KEYS[4]
local consumer, visibility, epoch = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local dueRoom, expiredRoom, suspects = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local expected, rotation, cursor = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
local third = math.floor(visibility / 3)
local page = 100

local consumers = redis.pcall('XINFO', 'CONSUMERS', stream, group)
if consumers.err then return consumers end
local known = own('HGET', floor, 'epoch')
if not known then redis.call('HSET', floor, 'epoch', epoch) end

local expired, ready, gone, mended = {}, {}, {}, 0
local isFull, hasPassed = false, false

-- Leases an entry under the next token, if it has been idle for so long.
local function take(list, id, count, idle)
  local new = decimal(math.min(count + 1, greatest))
  local claimed = redis.call('XCLAIM', stream, group, consumer, decimal(idle), id, 'RETRYCOUNT', new, 'JUSTID')
  if claimed[1] then
    list[#list + 1] = claimed[1]
    list[#list + 1] = new
  else
    redis.call('XACK', stream, group, id)
    gone[#gone + 1] = id
  end
end

-- Whether an entry may be what ended its holder, and one more of these is more than the caller may have.
local function isPassedOver(count)
  if count % 1000000 < 2 then return false end
  if suspects == 0 then hasPassed = true return true end
  suspects = suspects - 1
  return false
end

-- Takes the expired ones of one consumer. Suspects that are passed over are paged past, a few pages far.
local function takeExpired(name, idle)
  local from = '-'
  for _ = 1, 4 do
    local lines = redis.call('XPENDING', stream, group, 'IDLE', decimal(idle), from, '+', page, name)
    for _, line in ipairs(lines) do
      if expiredRoom == 0 then isFull = true return end
      if not isPassedOver(line[4]) then
        take(expired, line[1], line[4], idle)
        expiredRoom = expiredRoom - 1
      end
    end
    if #lines < page then return end
    from = '(' .. lines[page][1]
  end
  isFull = true
end

-- The consumers with something pending, and how much waits; what is nobody's is left by newer servers' XNACK.
local holders, waiting, owned = {}, 0, 0
for _, facts in ipairs(consumers) do
  local name, count = facts[2], facts[4]
  owned = owned + count
  if name == parked then waiting = count
  elseif count > 0 then holders[#holders + 1] = name end
end

local shut = tonumber(own('GET', guard) or '')
local isShut = shut and now < shut and shut - now <= third
local hasJumped = expected > 0 and math.abs(now - expected) > third
if hasJumped then
  redis.call('SET', guard, decimal(now + third))
elseif not isShut and expiredRoom > 0 then
  for i = 0, #holders - 1 do
    local name = holders[(rotation + i) % #holders + 1]
    takeExpired(name, math.max(visibility, tonumber(string.match(name, '@(%d+)$')) or 0))
  end
  if redis.call('XPENDING', stream, group)[1] > owned then
    for _, line in ipairs(redis.call('XPENDING', stream, group, '-', '+', page)) do
      if line[2] == '' and expiredRoom > 0 and not isPassedOver(line[4]) then
        take(expired, line[1], line[4], 0)
        expiredRoom = expiredRoom - 1
      end
    end
  end
  if not isFull and not hasPassed then redis.call('SET', guard, decimal(now + third), 'PX', visibility) end
end

-- Takes one line of the sorted set if it is what it says.
local function takeDue(member)
  local line = pad(member) and redis.call('XPENDING', stream, group, member, member, 1)[1]
  if line and line[2] == parked then
    take(ready, line[1], line[4], 0)
    dueRoom = dueRoom - 1
  else
    mended = mended + 1
  end
  redis.call('ZREM', due, member)
end

for _ = 1, 4 do
  local members = dueRoom > 0 and own('ZRANGEBYSCORE', due, '-inf', decimal(now), 'LIMIT', 0, dueRoom) or {}
  for _, member in ipairs(members) do takeDue(member) end
end

-- A time that no retry is given lies over a day ahead, mostly; such a line must at least be about something.
for _, member in ipairs(own('ZRANGEBYSCORE', due, decimal(now + 90000000), '+inf', 'LIMIT', 0, 16)) do
  local line = pad(member) and redis.call('XPENDING', stream, group, member, member, 1)[1]
  if not line or line[2] ~= parked then
    redis.call('ZREM', due, member)
    mended = mended + 1
  end
end

local nextCursor = '-'
if waiting - #ready / 2 > own('ZCARD', due) or cursor ~= '-' then
  local lines = redis.call('XPENDING', stream, group, cursor, '+', page, parked)
  for _, line in ipairs(lines) do mended = mended + own('ZADD', due, 'NX', decimal(now), pad(line[1])) end
  if #lines == page then nextCursor = '(' .. lines[page][1] end
end

local nextLine = own('ZRANGE', due, 0, 0, 'WITHSCORES')
local distance = nextLine[2] and math.max(0, math.ceil(tonumber(nextLine[2]) - now)) or -1
return {
  now, known or epoch, distance, (isFull and 1 or 0) + (hasPassed and 2 or 0), nextCursor, expired, ready, gone, mended,
}
