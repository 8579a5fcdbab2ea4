-- Leases due entries and entries with expired leases. The script returns only ids. The caller reads the bodies.
--
-- KEYS: stream, floor, due, guard. ARGV: group, consumer, visibility in ms, the epoch that the caller knows, maximum of
-- due entries, maximum of expired entries, maximum of suspects among the expired, the server time that the caller
-- expects (0 for none), the number of the consumer to check first, the id from which to check waiting entries (`-` if
-- no check is under way).
--
-- Expired: the script takes the expired leases of every consumer, also of the caller, since a lost reply leaves entries
-- with a consumer that never saw them. It compares the idle time with the larger visibility of the holder (whose name
-- ends in it) and of the caller. If the server's time differs from the expected time by more than a third of the
-- visibility, then a clock was set or the server stood still. Then no expired entry is taken for two thirds of the
-- visibility. In this time live holders extend their leases, since they do so every third and may be late by one. The
-- guard allows one sweep of a group in a third of the visibility. A sweep that filled its quota or passed over suspects
-- leaves the guard open.
-- The script leases at most 128 of each kind, so that it blocks the server for a few milliseconds only.
-- Due: the script claims an entry only if '~parked' still owns it, and removes it from the sorted set after the claim.
-- Entries that wait and are not in the set are added, due at once. Members of the set that do not wait are removed, but
-- if somebody has deleted '~parked', they wait again.
--
-- Returns {server time, epoch, ms until the next entry is due or -1, 1 if there may be more expired entries plus 2 if
-- suspects were passed over, the id from which to check waiting entries next, expired {id, token, …}, due {id, token,
-- …}, missing {id, …}, number of corrected members, ms until the guard allows to look for expired entries or 0}, or an
-- error, such as NOGROUP. A missing id was pending and is gone from the stream. It leaves the pending list here. On a
-- server without memory the script omits the notes for later, but still leases.
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

-- The time for which a holder may leave an entry alone. No visibility is longer than a day.
local function patience(name)
  return math.max(visibility, math.min(day, tonumber(string.match(name, '@(%d+)$')) or 0))
end

-- The consumers that hold entries, the number of entries that wait for a retry (nothing if '~parked' does not exist),
-- and the number of entries that have an owner.
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

-- Closes the guard: until it opens, no sweep of the group looks for expired leases.
local function shut(kind, duration)
  attempt(call, 'SET', guard, kind .. ' ' .. decimal(now + duration), 'PX', decimal(duration))
end

-- The time for which the guard stays closed: because the last sweep is less than a third of the caller's visibility
-- ago, or because holders get time to extend. A time further ahead is left from a clock that was set back, and does not
-- count.
local function closedFor(longest)
  local kind, time = string.match(own('GET', guard) or '', '^(%a+) (%d+)$')
  local left = math.max(0, (tonumber(time) or 0) - now)
  return left <= (kind == 'pause' and longest * 2 or visibility) / 3 and left or 0
end

-- Leases an expired entry. An entry that expired in its second attempt or later is a suspect: it may have ended its
-- holder. The script passes over suspects if the caller has enough of them.
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

-- Reads a few pages of the pending list, so that the script finds other entries behind suspects that it passes over.
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

-- Takes entries without an owner. XNACK of newer servers leaves such entries.
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

-- Leases due entries. Returns the number of entries that wait no more.
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

-- Removes wrong members among some members with their scores. A member is wrong if its entry does not wait, or if it is
-- due later than the longest delay allows. The latter is added anew.
local function removeWrong(lines)
  for i = 1, #lines, 2 do
    if tonumber(lines[i + 1]) > now + longestDelay or not waitingLine(lines[i]) then
      mended = mended + call('ZREM', due, lines[i])
    end
  end
end

-- Checks some members before they are due: those that are far ahead, and a few others at each call. Otherwise junk
-- would hide for long that other members are missing, since `file` compares only the size of the set with the number of
-- waiting entries.
local function removeJunk()
  removeWrong(call('ZREVRANGEBYSCORE', due, '+inf', decimal(now + day), 'WITHSCORES', 'LIMIT', 0, 16))
  local start = clock[2] % math.max(1, call('ZCARD', due))
  removeWrong(call('ZRANGE', due, start, start + 3, 'WITHSCORES'))
end

-- Adds waiting entries that are missing in the sorted set. Returns the id from which to go on.
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

-- The time in milliseconds until the next entry is due.
local function distance()
  local line = call('ZRANGE', due, 0, 0, 'WITHSCORES')
  return line[2] and math.max(0, math.min(day, math.ceil(tonumber(line[2]) - now))) or -1
end

return attempt(function()
  local holders, waiting, owned = census()
  local known = currentEpoch()
  if not known then attempt(call, 'HSET', floor, 'epoch', epoch) end
  -- A value that is not a sorted set is removed now, before anything is leased.
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
