-- Keeps the history of a stream within its bounds, and writes the floor of each group: the id up to which the group has
-- settled everything.
--
-- KEYS: stream, then the floors of the groups that the caller saw. ARGV: mode ('hold': the bounds give way, 'cap': the
-- entries give way), the maximum of entries or '', the maximum age in ms or '', the number of groups that the caller
-- saw, their names in the order of their floors, the names of the declared groups.
-- Assumes nothing about the keys. The script also respects groups that the caller did not see, but leaves their floors
-- as they are. A stream that does not exist is within all bounds. One call trims at most 10,000 entries.
-- Returns {number of settled entries that were trimmed, number of unsettled entries that were trimmed, number of
-- entries that are over the bounds and have to stay (by age: at least one), the group that needs them or does not exist
-- yet or '', 1 if another call can trim more, else 0}, or an error.
local mode, longest, oldest, seen = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local everything = last .. '-' .. last
local nothing = '0-0'
-- Entries before this id are too old.
local young = oldest and decimal(now - oldest) .. '-0' or nothing
-- The number of entries that this call may still trim.
local room = 10000

-- The position of a group: `needed` is the first id that it may still need, `fresh` the first that it was not given.
local function standing(name, delivered)
  local pending = call('XPENDING', stream, name)
  local fresh = after(delivered)
  return {name = name, needed = pending[1] > 0 and least(pending[2], fresh) or fresh, fresh = fresh}
end

local function standings()
  local groups = {}
  for _, list in ipairs(call('XINFO', 'GROUPS', stream)) do
    local group = facts(list)
    groups[#groups + 1] = standing(group.name, group['last-delivered-id'])
  end
  return groups
end

-- A server without memory refuses to write floors. The script goes on all the same, since trimming makes room.
local function writeFloors(groups)
  local floors = {}
  for i = 1, seen do floors[ARGV[4 + i]] = KEYS[1 + i] end
  for _, group in ipairs(groups) do
    if floors[group.name] then attempt(own, 'HSET', floors[group.name], 'id', before(group.needed)) end
  end
end

-- The number of entries beyond the maximum.
local function surplus()
  return longest and call('XLEN', stream) - longest or 0
end

-- The id of the oldest entry, or nothing in an empty stream.
local function first()
  local entry = call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return entry and entry[1]
end

-- The number of bytes of entries that this call may still read one by one.
local bytes = 1048576

-- Removes the oldest entries one by one: at most `count` of them, and only entries before `stop`.
local function cutSingly(count, stop)
  local removed = 0
  while removed < count and bytes > 0 do
    local rest = call('XRANGE', stream, '-', '(' .. stop, 'COUNT', decimal(math.min(count - removed, 100)))
    if #rest == 0 then break end
    for _, entry in ipairs(rest) do
      for _, value in ipairs(entry[2]) do bytes = bytes - #value end
    end
    removed = removed + call('XTRIM', stream, 'MINID', after(rest[#rest][1]))
  end
  return removed
end

-- Removes the oldest entries: at most `count` of them, and only entries before `stop`. XTRIM with a limit trims whole
-- nodes (a limit of 0 would be no limit). So the script reads the rest one by one if a node has to stay in part. A
-- server may be configured to have nodes without bounds.
local function cut(count, stop)
  if count < 1 or stop == nothing then return 0 end
  local removed = call('XTRIM', stream, 'MINID', '~', stop, 'LIMIT', decimal(count))
  return removed + cutSingly(count - removed, stop)
end

-- Removes the entries that are over the bounds, but only entries before `stop`.
local function trim(stop)
  local removed = cut(math.min(surplus(), room), stop)
  removed = removed + cut(room - removed, least(stop, young))
  room = room - removed
  return removed
end

-- The number of entries over the bounds. Of the entries that are too old only the first counts.
local function excess()
  local start = first()
  return math.max(surplus(), start and isBefore(start, young) and 1 or 0)
end

-- The first declared group that does not exist, as a group that needs everything.
local function absent(groups)
  local exists = {}
  for _, group in ipairs(groups) do exists[group.name] = true end
  for i = 5 + seen, #ARGV do
    if not exists[ARGV[i]] then return {name = ARGV[i], needed = nothing} end
  end
end

-- The group with the least id of a kind, `needed` or `fresh`.
local function slowest(groups, kind)
  local slow = groups[1]
  for _, group in ipairs(groups) do
    if isBefore(group[kind], slow[kind]) then slow = group end
  end
  return slow
end

-- Trims the entries that no group needs any more.
local function hold(groups)
  local holder = absent(groups) or slowest(groups, 'needed') or {name = '', needed = nothing}
  local trimmed = trim(holder.needed)
  local over = excess()
  if over == 0 then return {trimmed, 0, 0, '', 0} end
  if isBefore(first(), holder.needed) then return {trimmed, 0, 0, '', 1} end
  return {trimmed, 0, over, holder.name, 0}
end

-- The number of pending ids in a range. Each id counts once.
local function unsettled(groups, from, stop)
  local ids, count = {}, 0
  for _, group in ipairs(groups) do
    local start = from
    while start do
      local lines = call('XPENDING', stream, group.name, start, '(' .. stop, 1000)
      for _, line in ipairs(lines) do
        if not ids[line[1]] then count = count + 1 end
        ids[line[1]] = true
      end
      start = lines[1000] and '(' .. lines[1000][1]
    end
  end
  return count
end

-- Trims everything over the bounds: first the entries that no group needs, then those that all groups were given, then
-- those that some groups were not given.
local function cap(groups)
  local slow, late = slowest(groups, 'needed'), slowest(groups, 'fresh')
  local settled = trim(slow and slow.needed or everything)
  local start = first()
  local given = trim(late and late.fresh or everything)
  local lost = given > 0 and math.min(given, unsettled(groups, start, first() or everything)) or 0
  local missed = trim(everything)
  return {settled + given - lost, lost + missed, 0, '', excess() > 0 and 1 or 0}
end

return attempt(function()
  if call('EXISTS', stream) == 0 then return {0, 0, 0, '', 0} end
  local groups = standings()
  writeFloors(groups)
  return (mode == 'cap' and cap or hold)(groups)
end)
