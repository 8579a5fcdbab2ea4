-- Deletes consumers that hold nothing. This is one step, so it never deletes a consumer that has just been given an
-- entry.
--
-- KEYS: stream. ARGV: group, the name of a consumer to delete whatever its idle time ('' for none), the time in ms for
-- which any other must have been idle ('' to delete no other).
-- Assumes nothing about the key. The owner of entries that wait for a retry always stays.
-- Returns the number of deleted consumers, or an error, such as NOGROUP.
local group, name, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function isLeaving(member)
  if member.pending > 0 or member.name == '~parked' then return false end
  return member.name == name or limit ~= nil and member.idle > limit
end

return attempt(function()
  local count = 0
  for _, member in ipairs(consumers(group)) do
    if isLeaving(member) then
      call('XGROUP', 'DELCONSUMER', stream, group, member.name)
      count = count + 1
    end
  end
  return count
end)
