-- Functions of all scripts that lease or settle the entries of a group.
--
-- KEYS[2] is the group's floor, ARGV[1] is the group. Scripts touch ids, not messages. A script that may be called
-- without the floor says so.
local floor, group = KEYS[2], ARGV[1]

-- The outcomes of a settlement. An error in place of a number says that the settlement was refused.
local done, settled, lost, missing = 1, 2, 3, 4
-- The owner of entries that wait for a retry.
local parked = '~parked'
-- The number that a release adds to a token.
local refund = 999999
-- Counts are exact up to this number.
local greatest = 9007199254740991

-- No entry waits for longer than ten years.
local longestDelay = 315360000000

-- The epoch of the group. Nothing if the epoch was lost or is junk, such as a number so large that it cannot be told
-- from the next one.
local function currentEpoch()
  local epoch = own('HGET', floor, 'epoch')
  return epoch and string.match(epoch, '^%d+$') and tonumber(epoch) < greatest and epoch or nil
end

-- Whether a receipt's epoch is the epoch of the group. A group that lost its epoch takes the epoch of the receipt.
-- While the floor is at another node, nobody can change the epoch.
local function isCurrent(epoch)
  if not floor then return true end
  local known = currentEpoch()
  if not known then call('HSET', floor, 'epoch', epoch) end
  return not known or known == epoch
end

-- The line of the pending list for an entry, or nothing if the entry is not pending.
local function pending(id)
  local line = call('XPENDING', stream, group, id, id, 1)[1]
  return line and {id = line[1], owner = line[2], count = line[4]}
end

-- The reason why a lease cannot be settled any more, or nothing if the lease is current. An entry that its holder gave
-- up waits under the holder's token. After a release it waits under this token plus the refund of the attempt.
local function over(line, consumer, token)
  if not line then return settled end
  token = tonumber(token)
  if line.owner == parked then
    return (line.count == token or line.count == token + refund) and settled or lost
  end
  if line.owner ~= consumer or line.count ~= token then return lost end
end

-- Gives an entry to a consumer under a token and starts its lease anew. Returns false if the entry is gone from the
-- stream. Then the entry leaves the pending list, too. A caller that depends on the idle time checks it before, in the
-- same script, since XCLAIM does not tell an entry that was touched too lately from one that is gone. Redis 6.2 leases
-- entries that are gone unless XCLAIM asks for the bodies, too. So on 6.2, and only there, bodies pass through Lua.
local justIds = redis.acl_check_cmd and {'JUSTID'} or {}
local function give(id, consumer, token)
  local claimed = call('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', token, unpack(justIds))
  if claimed[1] then return true end
  call('XACK', stream, group, id)
  return false
end

-- The last id that the group was given.
local function lastGiven()
  for _, list in ipairs(call('XINFO', 'GROUPS', stream)) do
    local found = facts(list)
    if found.name == group then return found['last-delivered-id'] end
  end
  return '0-0'
end

-- Whether the group has a consumer.
local function isMember(name)
  for _, member in ipairs(consumers(group)) do
    if member.name == name then return true end
  end
  return false
end

-- Settles the entries that the arguments from `start` on describe, `width` arguments for each entry. A failure of one
-- entry leaves the others alone.
local function settleEach(start, width, settle)
  if not isCurrent(ARGV[3]) then settle = function() return settled end end
  local outcomes = {}
  for i = start, #ARGV, width do
    outcomes[#outcomes + 1] = attempt(settle, unpack(ARGV, i, i + width - 1))
  end
  return outcomes
end
