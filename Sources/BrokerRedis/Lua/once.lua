-- Functions of the scripts that store a message once by the id of its publisher.
--
-- A hash beside the stream knows the ids: `i` and the id hold the entry and its time, `q` and a number hold the time and
-- the id, in the order in which they were learned; `next` is the number of the next one, `first` that of the oldest. One
-- hash has the ids and their order, since a cluster that moves a slot refuses scripts that miss one of their keys. The
-- hash expires with its last id.

-- The entry that was stored for an id, or nothing if the id is not known any more.
local function known(ids, id, window)
  local entry, time = string.match(own('HGET', ids, 'i' .. id) or '', '^(%d+%-%d+) (%d+)$')
  return entry and now - tonumber(time) < window and entry
end

-- Forgets an id, but not what was learned of it later.
local function forget(ids, line)
  local time, id = string.match(call('HGET', ids, line) or '', '^(%d+) (.*)$')
  call('HDEL', ids, line)
  if time and string.match(call('HGET', ids, 'i' .. id) or '', ' ' .. time .. '$') then call('HDEL', ids, 'i' .. id) end
end

-- Whether a line is older than the window. A line that is missing counts as old.
local function isOld(ids, line, window)
  local time = string.match(call('HGET', ids, line) or '', '^%d+')
  return not time or now - tonumber(time) >= window
end

-- Makes room for one more id: forgets the oldest ids above the bound and outside of the window, at most 64 of them, so
-- that no call takes long. Returns the number of the new line. Everything that can be refused happens here, before the
-- message is stored.
local function makeRoom(ids, window, most)
  local first, number = tonumber(own('HGET', ids, 'first')) or 0, tonumber(own('HGET', ids, 'next')) or 0
  local stop = math.min(number, first + 64)
  while first < stop and (number - first >= most or isOld(ids, 'q' .. decimal(first), window)) do
    forget(ids, 'q' .. decimal(first))
    first = first + 1
  end
  call('HSET', ids, 'first', decimal(first), 'next', decimal(number + 1))
  return number
end

-- Stores a message unless its id is known. Returns its entry, and whether it was there already. Says so by a write, too,
-- so that waiting for replicas waits for the one that stored the message.
local function once(destination, ids, id, window, most, store)
  if call('EXISTS', destination) == 0 then call('DEL', ids) end
  local entry = known(ids, id, window)
  if entry then
    call('HSET', ids, 'i' .. id, call('HGET', ids, 'i' .. id))
    return entry, true
  end
  local line = 'q' .. decimal(makeRoom(ids, window, most))
  entry = store()
  call('HSET', ids, 'i' .. id, entry .. ' ' .. decimal(now), line, decimal(now) .. ' ' .. id)
  call('PEXPIRE', ids, decimal(window))
  return entry, false
end
