-- Stores entries among the dead letters and removes them from their group.
--
-- KEYS: stream, floor, dead letters. ARGV: group, consumer on the server, epoch, name of the stream, name of the
-- consumer; then for each entry: id, token, reason, error, attempts.
-- Assumes at most 256 entries. A dead letter keeps all fields of its entry and gets the fields that tell the cause. Lua
-- passes on about 8,000 values at once. So if an entry has more than 3,500 fields, all of them but `data` and `sb-key`
-- go into the one field `sb-fields`: each name and value follows its length in bytes and a colon. The script writes the
-- destination first. A repetition returns `settled`.
-- Returns for each entry the id of its dead letter, or the outcome if there is none; or an error that hit all of them.
local consumer, origin, holder = ARGV[2], ARGV[4], ARGV[5]
local letters = KEYS[3]
-- The fields that tell the cause. If an entry was a dead letter before, the new cause replaces the old one.
local causes = {
  ['sb-origin-stream'] = true, ['sb-origin-id'] = true, ['sb-group'] = true, ['sb-consumer'] = true,
  ['sb-attempts'] = true, ['sb-reason'] = true, ['sb-error'] = true, ['sb-failed-at'] = true,
}

local function kept(values)
  local rest = {}
  for i = 1, #values, 2 do
    if not causes[values[i]] then
      rest[#rest + 1] = values[i]
      rest[#rest + 1] = values[i + 1]
    end
  end
  return rest
end

local function packed(values)
  local outside, inside, seen = {}, {}, {}
  for i = 1, #values, 2 do
    local name, value = values[i], values[i + 1]
    if (name == 'data' or name == 'sb-key') and not seen[name] then
      seen[name] = true
      outside[#outside + 1] = name
      outside[#outside + 1] = value
    else
      inside[#inside + 1] = #name .. ':' .. name .. #value .. ':' .. value
    end
  end
  outside[#outside + 1] = 'sb-fields'
  outside[#outside + 1] = table.concat(inside)
  return outside
end

local function bury(id, token, reason, text, attempts)
  local refused = refusal(id, consumer, token)
  if refused then return refused end
  local values = fields(id)
  if not values then return missing end
  values = kept(values)
  if #values > 7000 then values = packed(values) end
  for _, value in ipairs({
    'sb-origin-stream', origin, 'sb-origin-id', id, 'sb-group', group, 'sb-consumer', holder, 'sb-attempts', attempts,
    'sb-reason', reason, 'sb-error', text, 'sb-failed-at', decimal(now),
  }) do
    values[#values + 1] = value
  end
  local added = call('XADD', letters, '*', unpack(values))
  local outcome = remove(id, {{letters, added}})
  return outcome == done and added or outcome
end

return attempt(settleEach, 6, 5, bury)
