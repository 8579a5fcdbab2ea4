# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What the server has and is made to forget, known to the message: taken in the same step as the deed, or from its
file. Bodies may be large, so they do not leave the server."""

from resp import Frames, words

# What the scripts share. The stream is the first of KEYS, or `work`.
ENTRIES = """
local stream = KEYS[1] or 'work'
local function number(entry)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'data' then return string.match(entry[2][i + 1], '^%S+') end
  end
end
local function crew()
  if redis.call('TYPE', stream).ok ~= 'stream' then return nil end
  for _, facts in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #facts, 2 do group[facts[i]] = facts[i + 1] end
    if group.name == 'crew' then return group end
  end
end
local function undelivered(group, ...)
  if redis.call('TYPE', stream).ok ~= 'stream' then return {} end
  return redis.call('XRANGE', stream, group and '(' .. group['last-delivered-id'] or '-', '+', ...)
end
local function pending(...) return redis.call('XPENDING', stream, 'crew', '-', '+', 100000, ...) end
"""

# Answers the numbers of what the group has not settled, and runs the commands of ARGV, all at once.
# ARGV: `all`, `undelivered`, or `held` by one consumer; that consumer or nothing; and commands in JSON.
UNSETTLED = ENTRIES + """
local numbers, scope, group = {}, ARGV[1], crew()
local function note(entries)
  for _, entry in ipairs(entries) do numbers[#numbers + 1] = number(entry) end
end
if scope ~= 'held' then note(undelivered(group)) end
if group and scope ~= 'undelivered' then
  for _, line in ipairs(scope == 'held' and pending(ARGV[2]) or pending()) do
    note(redis.call('XRANGE', stream, line[1], line[1]))
  end
end
for i = 3, #ARGV do redis.call(unpack(cjson.decode(ARGV[i]))) end
return numbers
"""

# Answers whether the group has settled everything.
RESTS = ENTRIES + """
local group = crew()
if #undelivered(group, 'COUNT', 1) > 0 then return 0 end
for _, line in ipairs(group and pending() or {}) do
  if #redis.call('XRANGE', stream, line[1], line[1]) > 0 then return 0 end
end
return 1
"""

# Makes stream and group again with new messages under the ids of what was pending and of some that was not delivered,
# all at once. ARGV: what the numbers of the new ones begin with, how many milliseconds each takes, and the command that
# deletes. Answers the numbers of all that was not settled, and those of the new ones.
REMAKE = ENTRIES + """
local group, old, ids, new = crew(), {}, {}, {}
if not group then return {old, new} end
for _, line in ipairs(pending()) do
  local entry = redis.call('XRANGE', stream, line[1], line[1])[1]
  if entry then ids[#ids + 1], old[#old + 1] = entry[1], number(entry) end
end
for i, entry in ipairs(undelivered(group)) do
  old[#old + 1] = number(entry)
  if i <= 16 then ids[#ids + 1] = entry[1] end
end
redis.call(unpack(cjson.decode(ARGV[3])))
redis.call('XGROUP', 'CREATE', stream, 'crew', '0', 'MKSTREAM')
for i, id in ipairs(ids) do
  new[i] = ARGV[1] .. i
  redis.call('XADD', stream, id, 'data', new[i] .. ' ' .. ARGV[2])
end
return {old, new}
"""

# Returns the id of the oldest of the last ARGV[1] entries that the group was given.
EARLIER = ENTRIES + """
local group = crew()
if not group then return nil end
local entries = redis.call('XREVRANGE', stream, group['last-delivered-id'], '-', 'COUNT', ARGV[1])
return #entries > 0 and entries[#entries][1] or nil
"""


def stored(data):
    """The numbers of the messages that a part of an append-only file stores."""
    found = set()
    for frame in Frames().feed(data):
        command = words(frame)
        if command[0].upper() == b"XADD" and command[1] == b"work":
            found.add(command[command.index(b"data") + 1].split()[0].decode())
    return found


def cut_tail(path, count):
    """Takes the last bytes of an append-only file; answers the numbers that go with them."""
    with open(path, "r+b") as file:
        data = file.read()
        kept = max(0, len(data) - count)
        file.truncate(kept)
    return stored(data) - stored(data[:kept])
