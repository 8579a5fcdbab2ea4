# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Where the values of RESP end, in both versions of the protocol, without reading what they say."""

AGGREGATES = {ord("*"): 1, ord("~"): 1, ord(">"): 1, ord("%"): 2, ord("|"): 2}
BULKS = frozenset(b"$=!")
PUSH = ord(">")


def frame_end(data, start=0):
    """The place behind the value that begins at `start`, or None while its end has not come."""
    owed, position = 1, start
    while owed:
        line = data.find(b"\r\n", position)
        if line < 0:
            return None
        kind, next_position = data[position], line + 2
        owed -= 1
        if kind in BULKS:
            length = int(data[position + 1 : line])
            if length >= 0:
                next_position += length + 2
            if next_position > len(data):
                return None
        elif kind in AGGREGATES:
            owed += max(0, int(data[position + 1 : line])) * AGGREGATES[kind]
            # An attribute stands in front of the value that it is about.
            owed += kind == ord("|")
        position = next_position
    return position


class Frames:
    """Cuts what comes into whole values."""

    def __init__(self):
        self.rest = bytearray()

    def feed(self, chunk):
        """The values that are whole now, as bytes."""
        self.rest += chunk
        start, found = 0, []
        while start < len(self.rest):
            end = frame_end(self.rest, start)
            if end is None:
                break
            found.append(bytes(self.rest[start:end]))
            start = end
        del self.rest[:start]
        return found


def words(frame):
    """The arguments of a command, which is an array of bulk strings."""
    found, position = [], frame.find(b"\r\n") + 2
    while position < len(frame):
        line = frame.index(b"\r\n", position)
        length = int(frame[position + 1 : line])
        found.append(frame[line + 2 : line + 2 + length])
        position = line + length + 4
    return found


def is_push(frame):
    """Whether the value answers no command."""
    return frame[0] == PUSH
