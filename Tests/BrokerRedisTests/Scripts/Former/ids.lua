-- Ids as text. Their parts go up to 2^64-1, which is more than Lua's numbers hold.

-- A number with leading zeros, so that it compares as text.
local function wide(digits)
  return string.rep('0', 20 - #digits) .. digits
end

-- The parts of an id, or nothing for junk.
local function parts(id)
  return string.match(id, '^(%d+)%-(%d+)$')
end

-- An id with a padded sequence, so that ids of one millisecond compare as text. Nothing for junk.
local function pad(id)
  local milliseconds, sequence = parts(id)
  return milliseconds and milliseconds .. '-' .. wide(sequence)
end

-- Whether the first id is less than the second.
local function isBefore(first, second)
  local a, b = {parts(first)}, {parts(second)}
  return wide(a[1]) .. wide(a[2]) < wide(b[1]) .. wide(b[2])
end

-- The lesser of two ids.
local function least(first, second)
  return isBefore(second, first) and second or first
end

local last = '18446744073709551615'

-- The next greater number.
local function above(digits)
  local head, nines = string.match(digits, '^(.-)(9*)$')
  local zeros = string.rep('0', #nines)
  if head == '' then return '1' .. zeros end
  return string.sub(head, 1, -2) .. (tonumber(string.sub(head, -1)) + 1) .. zeros
end

-- The next lesser number. The argument is not 0.
local function below(digits)
  local head, zeros = string.match(digits, '^(.-)(0*)$')
  local nines = string.rep('9', #zeros)
  local text = string.sub(head, 1, -2) .. (tonumber(string.sub(head, -1)) - 1) .. nines
  return string.match(text, '^0*(%d+)$')
end

-- The next id. The greatest id has none and stays as it is.
local function after(id)
  local milliseconds, sequence = parts(id)
  if sequence ~= last then return milliseconds .. '-' .. above(sequence) end
  return milliseconds == last and id or above(milliseconds) .. '-0'
end

-- The id before. The least id has none and stays as it is.
local function before(id)
  local milliseconds, sequence = parts(id)
  if sequence ~= '0' then return milliseconds .. '-' .. below(sequence) end
  return milliseconds == '0' and id or below(milliseconds) .. '-' .. last
end
