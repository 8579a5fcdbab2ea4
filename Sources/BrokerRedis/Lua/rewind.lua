-- Lets a group be given again what it has had behind an id.
--
-- KEYS: stream, floor, due. ARGV: group; the id ('0' for all it has had, '$' for nothing).
-- Assumes nothing about the keys. An id ahead of the group changes nothing, so that nothing is ever skipped. What is
-- pending behind the id leaves the pending list, since reading it again would make a second lease of it; that takes
-- time in proportion to it (10,000 entries some 15 ms). The floor goes first, since only it can be refused.
-- Answers the id behind which the group reads now, or an error, such as NOGROUP.
local due, wanted = KEYS[3], ARGV[2]
local page = 1000

-- The last id that the group was given.
local function given()
  if call('EXISTS', stream) == 1 then
    for _, list in ipairs(call('XINFO', 'GROUPS', stream)) do
      local found = facts(list)
      if found.name == group then return found['last-delivered-id'] end
    end
  end
  error('NOGROUP there is no such group', 0)
end

local function lowerFloor(id)
  local known = own('HGET', floor, 'id')
  if not known or not pad(known) or isBefore(id, known) then call('HSET', floor, 'id', id) end
end

-- Nothing of what is pending behind an id is so any more, nor does it wait for a retry.
local function forget(id)
  while true do
    local ids, members = {}, {}
    for i, line in ipairs(call('XPENDING', stream, group, '(' .. id, '+', page)) do
      ids[i], members[i] = line[1], pad(line[1])
    end
    if #ids == 0 then return end
    call('XACK', stream, group, unpack(ids))
    own('ZREM', due, unpack(members))
  end
end

return attempt(function()
  local last = given()
  local id = wanted == '$' and last or wanted == '0' and '0-0' or least(wanted, last)
  if id == last then return last end
  lowerFloor(id)
  call('XGROUP', 'SETID', stream, group, id)
  forget(id)
  return id
end)
