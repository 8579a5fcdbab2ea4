-- What the scripts share that lease and settle the entries of a group.
--
-- KEYS[2] is the group's floor, ARGV[1] the group. Scripts touch ids, not messages.
local floor, group = KEYS[2], ARGV[1]

-- What a settlement came to; in the place of a number, an error says that it was refused.
local done, settled, lost, missing = 1, 2, 3, 4
-- Who owns what waits for a retry.
local parked = '~parked'
-- What a release adds to a token.
local refund = 999999
-- Counts are exact up to here.
local greatest = 9007199254740991

-- Nothing waits for longer than ten years.
local longestDelay = 315360000000

-- The epoch of the group; nothing if it was lost, or is junk, such as one that could not be told from the next.
local function currentEpoch()
  local epoch = own('HGET', floor, 'epoch')
  return epoch and string.match(epoch, '^%d+$') and tonumber(epoch) < greatest and epoch or nil
end

-- Whether a receipt's epoch is that of the group. A group whose epoch was lost takes the one that is shown.
local function isCurrent(epoch)
  local known = currentEpoch()
  if not known then call('HSET', floor, 'epoch', epoch) end
  return not known or known == epoch
end

-- What the pending list says about an entry; nothing if it is not pending.
local function pending(id)
  local line = call('XPENDING', stream, group, id, id, 1)[1]
  return line and {id = line[1], owner = line[2], count = line[4]}
end

-- Why a lease is no longer there to be settled; nothing if it is the current one. What its holder gave up waits under
-- its token, after a release under that and what refunds the attempt.
local function over(line, consumer, token)
  if not line then return settled end
  token = tonumber(token)
  if line.owner == parked then
    return (line.count == token or line.count == token + refund) and settled or lost
  end
  if line.owner ~= consumer or line.count ~= token then return lost end
end

-- Gives an entry to a consumer under a token; its lease begins anew. False if the entry is gone from the stream: then
-- it leaves the pending list, too. Whoever cares for how long it was idle has looked at that in the same script: to
-- XCLAIM, one that was touched too lately and one that is gone are the same. 6.2 leases what is gone, unless it is
-- asked for the bodies, too; so there, and only there, these pass through Lua.
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

-- Settles each of the entries that the arguments from a place on describe, so many arguments for one. One that fails
-- leaves the others alone.
local function settleEach(start, width, settle)
  if not isCurrent(ARGV[3]) then settle = function() return settled end end
  local outcomes = {}
  for i = start, #ARGV, width do
    outcomes[#outcomes + 1] = attempt(settle, unpack(ARGV, i, i + width - 1))
  end
  return outcomes
end
