-- Keeps the past of a stream within its bounds, and notes for each group up to where it has settled everything.
--
-- KEYS: stream, then the floors of the groups that the caller saw. ARGV: what gives way ('hold': the bounds, 'cap': the
-- entries), the most entries or '', the greatest age in ms or '', how many groups the caller saw, their names in the
-- order of their floors, the names of the declared groups.
-- Assumes nothing about the keys. Groups that the caller did not see are heeded, too; only their floors stay as they
-- are. A stream that does not exist is within all bounds. At most 10,000 entries are trimmed by one call.
-- Answers {trimmed that were settled, trimmed that were not, how many are over the bounds and have to stay (by age: at
-- least one), the group that needs them or does not exist yet or '', 1 if another call can trim more}, or an error.
local mode, longest, oldest, seen = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local everything = last .. '-' .. last
local nothing = '0-0'
-- What is older than this is too old.
local young = oldest and decimal(now - oldest) .. '-0' or nothing
-- How many may still be trimmed in this call.
local room = 10000

-- Where a group stands: the first id that it may still need, and the first that it has not been given.
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

-- Without memory nothing can be noted, but trimming makes room.
local function writeFloors(groups)
  local floors = {}
  for i = 1, seen do floors[ARGV[4 + i]] = KEYS[1 + i] end
  for _, group in ipairs(groups) do
    if floors[group.name] then attempt(own, 'HSET', floors[group.name], 'id', before(group.needed)) end
  end
end

-- How many entries are too many.
local function surplus()
  return longest and call('XLEN', stream) - longest or 0
end

-- The id of the oldest entry; nothing in an empty stream.
local function first()
  local entry = call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return entry and entry[1]
end

-- How many bytes the entries have that are looked at one by one in this call.
local bytes = 1048576

-- Removes at most so many of the oldest entries one by one, none from an id on.
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

-- Removes at most so many of the oldest entries, none from an id on. A limit trims whole nodes (and 0 would be none),
-- so the rest, of a node that has to stay in part, is looked at. Servers may have nodes without bounds.
local function cut(count, stop)
  if count < 1 or stop == nothing then return 0 end
  local removed = call('XTRIM', stream, 'MINID', '~', stop, 'LIMIT', decimal(count))
  return removed + cutSingly(count - removed, stop)
end

-- Removes what is over the bounds, but nothing from an id on.
local function trim(stop)
  local removed = cut(math.min(surplus(), room), stop)
  removed = removed + cut(room - removed, least(stop, young))
  room = room - removed
  return removed
end

-- How many entries are over the bounds; of those that are too old the first is counted.
local function excess()
  local start = first()
  return math.max(surplus(), start and isBefore(start, young) and 1 or 0)
end

-- The first of the declared groups that does not exist, as one that needs everything.
local function absent(groups)
  local exists = {}
  for _, group in ipairs(groups) do exists[group.name] = true end
  for i = 5 + seen, #ARGV do
    if not exists[ARGV[i]] then return {name = ARGV[i], needed = nothing} end
  end
end

-- The group whose id of that kind is least.
local function slowest(groups, kind)
  local slow = groups[1]
  for _, group in ipairs(groups) do
    if isBefore(group[kind], slow[kind]) then slow = group end
  end
  return slow
end

-- Trims what no group needs any more.
local function hold(groups)
  local holder = absent(groups) or slowest(groups, 'needed') or {name = '', needed = nothing}
  local trimmed = trim(holder.needed)
  local over = excess()
  if over == 0 then return {trimmed, 0, 0, '', 0} end
  if isBefore(first(), holder.needed) then return {trimmed, 0, 0, '', 1} end
  return {trimmed, 0, over, holder.name, 0}
end

-- How many ids of a range are pending, each counted once.
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

-- Trims everything over the bounds: first what nobody needs, then what all were given, then what some were not.
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
