-- Makes a group if there is none, and answers which life of the group this is.
--
-- KEYS: stream, floor.
-- ARGV: group; where it begins when it is made for the first time ('0', '$', or the id that it begins behind);
--       1 if the caller knows that it existed before, else 0.
-- Assumes nothing about the keys. A group that is made again begins at its floor, and at 0 without a floor or without
-- a stream; '$' is resolved here, once.
-- Answers {server time in ms, epoch, 1 if the group was made}, or the error that XGROUP CREATE gave.
local first, isAgain = ARGV[2], ARGV[3] == '1'
local known = own('HMGET', floor, 'id', 'epoch')
local stored, epoch = known[1], known[2]
local exists = redis.call('EXISTS', stream) == 1

local begin = first
if not exists and (stored or isAgain) then begin = '0-0'
elseif stored then begin = stored
elseif isAgain then begin = '0-0' end

if begin == '0' then begin = '0-0' end
if begin == '$' then
  begin = '0-0'
  if exists then
    local facts = redis.pcall('XINFO', 'STREAM', stream)
    if facts.err then return facts end
    for i = 1, #facts, 2 do if facts[i] == 'last-generated-id' then begin = facts[i + 1] end end
  end
end

local made = redis.pcall('XGROUP', 'CREATE', stream, group, begin, 'MKSTREAM')
local isNew = not made.err
if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then return made end

if isNew or not epoch then
  local moment = clock[1] * 1000000 + clock[2]
  epoch = decimal(math.max((tonumber(epoch) or 0) + 1, moment))
  redis.call('HSET', floor, 'epoch', epoch)
end
if isNew then redis.call('HSET', floor, 'id', begin) end
return {now, epoch, isNew and 1 or 0}
