# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What the server is made to forget, known to the message: taken in the same step as the deed, or from its file."""

from resp import Frames, words

# Answers the numbers of what the group has not settled, and runs the commands of ARGV, all at once.
# ARGV: `all` or `undelivered`, and commands in JSON.
UNSETTLED = """
local numbers = {}
local function note(entries)
  for _, entry in ipairs(entries) do
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 'data' then numbers[#numbers + 1] = string.match(entry[2][i + 1], '^%S+') end
    end
  end
end
local function crew()
  for _, facts in ipairs(redis.call('XINFO', 'GROUPS', 'work')) do
    local group = {}
    for i = 1, #facts, 2 do group[facts[i]] = facts[i + 1] end
    if group.name == 'crew' then return group end
  end
end
if redis.call('TYPE', 'work').ok == 'stream' then
  local group = crew()
  note(redis.call('XRANGE', 'work', group and '(' .. group['last-delivered-id'] or '-', '+'))
  for _, line in ipairs(group and ARGV[1] == 'all' and redis.call('XPENDING', 'work', 'crew', '-', '+', 100000) or {}) do
    note(redis.call('XRANGE', 'work', line[1], line[1]))
  end
end
for i = 2, #ARGV do redis.call(unpack(cjson.decode(ARGV[i]))) end
return numbers
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
