-- Leases what is due and what its holders have let expire. It answers ids alone; the caller reads the bodies.
--
-- KEYS: stream, floor, due, guard. ARGV: group, consumer, visibility in ms, epoch the caller knows, how many due ones,
-- how many expired ones, how many suspects among these, the server time the caller expects (0 for none), which
-- consumer is looked at first, the id from which waiting entries are looked through (`-` for none).
--
-- Expired: leases of every consumer, the caller included, since a lost reply leaves entries with one that never saw
-- them. Idle is held against the larger visibility of holder (its name ends in it) and caller. If the server's time
-- is more than a third of the visibility away from what the caller expects, a clock was set or the server stood
-- still: nothing expired is taken for two thirds, in which holders that live extend, since they do so every third and
-- may be late by one. The guard keeps a group from being swept more than once in a third; a sweep that filled its quota
-- or passed over suspects leaves it open.
-- It leases at most 128 of each kind, so that the server is not kept from others for more than a few milliseconds.
-- Due: claimed only if '~parked' still owns it, and removed after the claim. What waits and is not in the sorted set
-- is filed as due now; what is in it and does not wait is removed, unless somebody has deleted '~parked': then it waits
-- again.
--
-- Answers {server time, epoch, ms until the next due one or -1, 1 if there may be more that is expired plus 2 if
-- suspects were passed over, where to go on looking through waiting entries, expired {id, token, …}, due {id, token,
-- …}, missing {id, …}, lines mended, ms until the guard lets anybody look for expired ones or 0}, or an error, such as
-- NOGROUP. A missing id was pending and is gone from the stream; it leaves the pending list here. Without memory what
-- is noted for later is left out, not what is leased.
local guard = KEYS[4]
local consumer, visibility, epoch = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local dueRoom, expiredRoom, suspects = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local expected, rotation, cursor = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
local page, day, most = 100, 86400000, 128
dueRoom, expiredRoom = math.min(dueRoom, most), math.min(expiredRoom, most)

local expired, ready, gone, mended = {}, {}, {}, 0
local isFull, hasPassed, shutFor = false, false, 0

-- Leases an entry under the next token.
local function lease(list, id, count)
  local token = decimal(math.min(count + 1, greatest))
  if give(id, consumer, token) then
    list[#list + 1] = id
    list[#list + 1] = token
  else
    gone[#gone + 1] = id
  end
end

-- For how long a holder may leave an entry alone; no visibility is more than a day.
local function patience(name)
  return math.max(visibility, math.min(day, tonumber(string.match(name, '@(%d+)$')) or 0))
end

-- Who holds something, how much waits for a retry (nothing if that has no owner), and how much has an owner at all.
local function census()
  local holders, waiting, owned = {}, nil, 0
  for _, member in ipairs(consumers(group)) do
    owned = owned + member.pending
    if member.name == parked then
      waiting = member.pending
    elseif member.pending > 0 then
      holders[#holders + 1] = {name = member.name, patience = patience(member.name)}
    end
  end
  return holders, waiting, owned
end

-- Closes the group to those who look for expired leases.
local function shut(kind, duration)
  attempt(call, 'SET', guard, kind .. ' ' .. decimal(now + duration), 'PX', decimal(duration))
end

-- For how long the guard keeps the group closed: since it was swept less than a third of the caller's visibility ago,
-- or since holders are given time. A time further ahead is left from a clock that was set back.
local function closedFor(longest)
  local kind, time = string.match(own('GET', guard) or '', '^(%a+) (%d+)$')
  local left = math.max(0, (tonumber(time) or 0) - now)
  return left <= (kind == 'pause' and longest * 2 or visibility) / 3 and left or 0
end

-- Leases an expired entry. One that expired in its second attempt or later may be what ended its holder: a suspect,
-- passed over if the caller has enough of them.
local function takeExpired(line)
  local isSuspect = line[4] % 1000000 >= 2
  if isSuspect and suspects == 0 then
    hasPassed = true
  elseif expiredRoom == 0 then
    isFull = true
  else
    if isSuspect then suspects = suspects - 1 end
    expiredRoom = expiredRoom - 1
    lease(expired, line[1], line[4])
  end
end

-- Goes through a few pages of the pending list, so that others are found behind suspects that are passed over.
local function takePages(pages, list, take)
  local from = '-'
  for _ = 1, pages do
    local lines = list(from)
    for _, line in ipairs(lines) do
      take(line)
      if isFull then return end
    end
    if #lines < page then return end
    from = '(' .. lines[page][1]
  end
  isFull = true
end

local function takeFromHolder(holder)
  takePages(4, function(from)
    return call('XPENDING', stream, group, 'IDLE', decimal(holder.patience), from, '+', page, holder.name)
  end, takeExpired)
end

-- What is nobody's is left by newer servers' XNACK.
local function takeOwnerless()
  takePages(10, function(from) return call('XPENDING', stream, group, from, '+', page) end, function(line)
    if line[2] == '' then takeExpired(line) end
  end)
end

local function sweepExpired(holders, owned)
  local longest = visibility
  for _, holder in ipairs(holders) do longest = math.max(longest, holder.patience) end
  if expected > 0 and math.abs(now - expected) > visibility / 3 then return shut('pause', longest * 2 / 3) end
  if expiredRoom == 0 then return end
  shutFor = closedFor(longest)
  if shutFor > 0 then return end
  for i = 0, #holders - 1 do
    if not isFull then takeFromHolder(holders[(rotation + i) % #holders + 1]) end
  end
  if not isFull and call('XPENDING', stream, group)[1] > owned then takeOwnerless() end
  if not isFull and not hasPassed then shut('swept', visibility / 3) end
end

-- Leases what is due; answers how many fewer wait.
local function sweepDue()
  local taken = 0
  for _ = 1, 4 do
    local members = dueRoom > taken
      and call('ZRANGEBYSCORE', due, '-inf', decimal(now), 'LIMIT', 0, decimal(dueRoom - taken)) or {}
    for _, member in ipairs(members) do
      local line = waitingLine(member)
      if line then
        lease(ready, line.id, line.count)
        taken = taken + 1
      else
        mended = mended + 1
      end
      call('ZREM', due, member)
    end
  end
  return taken
end

-- Removes what is wrong of some lines with their scores: what does not wait, and what waits for longer than can be
-- asked for; that is filed anew.
local function removeWrong(lines)
  for i = 1, #lines, 2 do
    if tonumber(lines[i + 1]) > now + longestDelay or not waitingLine(lines[i]) then
      mended = mended + call('ZREM', due, lines[i])
    end
  end
end

-- Junk hides for long what is missing beside it, so some lines are looked at before they are due: those that are far
-- ahead, and a few others at each time.
local function removeJunk()
  removeWrong(call('ZREVRANGEBYSCORE', due, '+inf', decimal(now + day), 'WITHSCORES', 'LIMIT', 0, 16))
  local start = clock[2] % math.max(1, call('ZCARD', due))
  removeWrong(call('ZRANGE', due, start, start + 3, 'WITHSCORES'))
end

-- Files what waits and is missing in the sorted set; answers where to go on.
local function file(waiting)
  if cursor == '-' and waiting <= call('ZCARD', due) then return '-' end
  local lines = call('XPENDING', stream, group, cursor, '+', page, parked)
  for _, line in ipairs(lines) do
    local added = attempt(call, 'ZADD', due, 'NX', decimal(now), pad(line[1]))
    if isError(added) then return cursor end
    mended = mended + added
  end
  return #lines == page and '(' .. lines[page][1] or '-'
end

-- In how many milliseconds something is due.
local function distance()
  local line = call('ZRANGE', due, 0, 0, 'WITHSCORES')
  return line[2] and math.max(0, math.min(day, math.ceil(tonumber(line[2]) - now))) or -1
end

return attempt(function()
  local holders, waiting, owned = census()
  local known = currentEpoch()
  if not known then attempt(call, 'HSET', floor, 'epoch', epoch) end
  -- What is not a sorted set goes now, before anything has been leased.
  local isLaden = own('ZCARD', due) > 0
  if not waiting and isLaden and hasParked() then
    attempt(restoreWaiting)
    holders, waiting, owned = census()
  end
  waiting = waiting or 0
  sweepExpired(holders, owned)
  waiting = waiting - sweepDue()
  removeJunk()
  local further = file(waiting)
  local rest = (isFull and 1 or 0) + (hasPassed and 2 or 0)
  return {now, known or epoch, distance(), rest, further, expired, ready, gone, mended, shutFor}
end)
