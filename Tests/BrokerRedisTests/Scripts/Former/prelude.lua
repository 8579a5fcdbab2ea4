-- The beginning of every script.
--
-- KEYS[1] is the stream. All keys of a script share a slot. Redis runs a script alone but does not roll it back. So
-- commands that can be refused come first. A script returns an error as the command gave it, since 6.2 hides the prefix
-- of an error that is raised.
local stream = KEYS[1]

-- The text of an error. Inside scripts the server does not name the command that its user may not run, nor the key. So
-- this function adds them.
local function told(text, command, key, other)
  if not string.find(text, 'user executing the script', 1, true) then return text end
  if command == 'XGROUP' or command == 'XINFO' then command, key = command .. '|' .. key, other end
  return string.match(text, '^(.-)%s*$') .. ": '" .. string.lower(command) .. "' on '" .. tostring(key) .. "'"
end

-- Calls a command. An error ends the current step. Errors are raised as text, since servers differ in how `pcall`
-- returns a table.
local function call(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then error(told(answer.err, ...), 0) end
  return answer
end

-- Runs a step. Returns the result of the step, or the error that ended it. When 6.2 refuses a command before it runs,
-- the error begins with the place in the script ("@user_script: 12: -OOM ..."), ends with a line end, or has no code.
local function attempt(step, ...)
  local isDone, answer = pcall(step, ...)
  if isDone then return answer end
  local text = string.match(string.gsub(answer, '^@user_script: %d+: ', ''), '^%-?(.-)%s*$')
  return {err = string.find(text, '^%u%u+ ') and text or 'ERR ' .. text}
end

-- Whether a reply is an error.
local function isError(answer)
  return type(answer) == 'table' and answer.err ~= nil
end

-- Calls a command on a key that belongs to StreamBroker. A value of another type that somebody put there is removed
-- first.
local function own(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if not isError(answer) then return answer end
  if not string.find(answer.err, 'WRONGTYPE', 1, true) then error(told(answer.err, command, key), 0) end
  call('DEL', key)
  return call(command, key, ...)
end

-- A number as Redis writes it. Lua's own conversion loses digits.
local function decimal(number)
  return string.format('%.0f', number)
end

-- The server's time in milliseconds. No script trusts another clock.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- The fields of one XINFO reply, by name.
local function facts(list)
  local named = {}
  for i = 1, #list, 2 do named[list[i]] = list[i + 1] end
  return named
end

-- The consumers of a group. Without the stream there is no group either, but XINFO reports another error. So this
-- function raises NOGROUP itself.
local function consumers(group)
  if call('EXISTS', stream) == 0 then error('NOGROUP there is no such stream', 0) end
  local members = {}
  for i, list in ipairs(call('XINFO', 'CONSUMERS', stream, group)) do members[i] = facts(list) end
  return members
end
