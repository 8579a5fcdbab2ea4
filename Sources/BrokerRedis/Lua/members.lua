-- Deletes consumers that hold nothing, as one step, so that none is deleted that has just been given something.
--
-- KEYS: stream. ARGV: group, the name of a consumer that goes however short it has been idle ('' for none), for how
-- many ms any other must have been idle ('' if no other goes).
-- Assumes nothing about the key. What waits for a retry has an owner that always stays.
-- Answers how many were deleted, or the error that XINFO CONSUMERS gave.
local group, name, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function isLeaving(member)
  if member.pending > 0 or member.name == '~parked' then return false end
  return member.name == name or limit ~= nil and member.idle > limit
end

return attempt(function()
  local count = 0
  for _, list in ipairs(call('XINFO', 'CONSUMERS', stream, group)) do
    local member = facts(list)
    if isLeaving(member) then
      call('XGROUP', 'DELCONSUMER', stream, group, member.name)
      count = count + 1
    end
  end
  return count
end)
