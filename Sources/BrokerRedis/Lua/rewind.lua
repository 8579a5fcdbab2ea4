-- Rewinds a group, so that it gets the entries behind an id again.
--
-- KEYS: stream, floor, due. ARGV: group; the id ('0' for all entries that the group was given, '$' for none).
-- Assumes nothing about the keys. An id ahead of the group changes nothing, so the group never skips an entry. Pending
-- entries behind the id leave the pending list, since reading them again would make a second lease. This takes time in
-- proportion to their number (10 to 20 ms for 10,000 entries). The script writes the floor first, since the server can
-- refuse only this.
-- Returns the id behind which the group reads now, or an error, such as NOGROUP.
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

-- Removes the entries behind an id from the pending list and from the sorted set of waiting entries.
local function forget(id)
  while true do
    local ids, members = {}, {}
    for i, line in ipairs(call('XPENDING', stream, group, '(' .. id, '+', page)) do
      ids[i] = line[1]
      if line[2] == parked then members[#members + 1] = pad(line[1]) end
    end
    if #ids == 0 then return end
    call('XACK', stream, group, unpack(ids))
    if #members > 0 then own('ZREM', due, unpack(members)) end
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
