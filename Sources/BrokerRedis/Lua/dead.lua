-- Stores entries among the dead letters and removes them from their group.
--
-- KEYS: stream, floor, dead letters. ARGV: group, consumer on the server, epoch, name of the stream, name of the
-- consumer; then for each entry: id, token, reason, error, attempts.
-- Assumes at most 256 entries. All fields of the entry are kept, and what says why is added; of an entry with more
-- than 3,500 fields all but `data` and `sb-key` travel in the one field `sb-fields`, each name and value with its
-- length in bytes and a colon in front. The destination is written first; a repetition answers `settled`.
-- Answers one outcome for each entry.
local consumer, epoch, origin, holder = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local letters = KEYS[3]
local ours = {
  ['sb-origin-stream'] = true, ['sb-origin-id'] = true, ['sb-group'] = true, ['sb-consumer'] = true,
  ['sb-attempts'] = true, ['sb-reason'] = true, ['sb-error'] = true, ['sb-failed-at'] = true,
}

local function kept(fields)
  local names = {}
  for i = 1, #fields, 2 do
    if not ours[fields[i]] then
      names[#names + 1] = fields[i]
      names[#names + 1] = fields[i + 1]
    end
  end
  return names
end

local function packed(fields)
  local outside, inside, seen = {}, {}, {}
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
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
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if not entry then
    redis.call('XACK', stream, group, id)
    return missing
  end
  local fields = kept(entry[2])
  if #fields > 7000 then fields = packed(fields) end
  for _, text in ipairs({
    'sb-origin-stream', origin, 'sb-origin-id', id, 'sb-group', group, 'sb-consumer', holder, 'sb-attempts', attempts,
    'sb-reason', reason, 'sb-error', text, 'sb-failed-at', decimal(now),
  }) do
    fields[#fields + 1] = text
  end
  local added = append(letters, fields)
  if type(added) == 'table' and added.err then return added end
  redis.call('XACK', stream, group, id)
  return done
end

local isOurs = isCurrent(epoch)
local outcomes = {}
for i = 6, #ARGV, 5 do
  outcomes[#outcomes + 1] = isOurs and bury(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]) or settled
end
return outcomes
