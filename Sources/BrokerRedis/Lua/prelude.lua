-- What every script begins with.
--
-- KEYS[1] is the stream; all keys of a script share a slot. Redis runs a script alone but does not roll it back, so
-- what can be refused comes first, and an error is handed back as the command gave it (6.2 hides the prefix of one
-- that is raised).
local stream = KEYS[1]

-- The text of an error. Inside scripts the server does not say which command its user may not run, or on which key.
local function told(text, command, key, other)
  if not string.find(text, 'user executing the script', 1, true) then return text end
  if command == 'XGROUP' or command == 'XINFO' then command, key = command .. '|' .. key, other end
  return string.match(text, '^(.-)%s*$') .. ": '" .. string.lower(command) .. "' on '" .. tostring(key) .. "'"
end

-- Calls a command; an error ends the step in which it happens. Errors are raised as text, since servers differ in
-- what `pcall` makes of a table.
local function call(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then error(told(answer.err, ...), 0) end
  return answer
end

-- Takes a step; answers what it answers, or the error that ended it. What 6.2 refuses before the command runs it tells
-- with the place in the script in front ("@user_script: 12: -OOM ..."), the end of the line behind, or without a code.
local function attempt(step, ...)
  local isDone, answer = pcall(step, ...)
  if isDone then return answer end
  local text = string.match(string.gsub(answer, '^@user_script: %d+: ', ''), '^%-?(.-)%s*$')
  return {err = string.find(text, '^%u%u+ ') and text or 'ERR ' .. text}
end

-- Whether an answer is an error.
local function isError(answer)
  return type(answer) == 'table' and answer.err ~= nil
end

-- Calls a command on a key of ours. If somebody has put something of another type there, it is removed first.
local function own(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if not isError(answer) then return answer end
  if not string.find(answer.err, 'WRONGTYPE', 1, true) then error(told(answer.err, command, key), 0) end
  call('DEL', key)
  return call(command, key, ...)
end

-- Numbers as Redis writes them; Lua's own conversion loses digits.
local function decimal(number)
  return string.format('%.0f', number)
end

-- The server's time in milliseconds; no script trusts another clock.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- What XINFO says about one thing, by name.
local function facts(list)
  local named = {}
  for i = 1, #list, 2 do named[list[i]] = list[i + 1] end
  return named
end

-- The consumers of a group. Without the stream XINFO has other words for what is the same: there is no group.
local function consumers(group)
  if call('EXISTS', stream) == 0 then error('NOGROUP there is no such stream', 0) end
  local members = {}
  for i, list in ipairs(call('XINFO', 'CONSUMERS', stream, group)) do members[i] = facts(list) end
  return members
end
