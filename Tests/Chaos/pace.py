# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""How long publishes and messages took, in milliseconds."""

from collections import defaultdict


class Pace:
    """Follows the ledger line by line."""

    def __init__(self):
        self.tried = {}
        self.stored = {}
        # By stream: how long each publish took, whatever came of it, and how long each message waited for its handler.
        self.publishes = defaultdict(list)
        self.waits = defaultdict(list)
        self.resumed = []
        self.servable = None

    def take(self, line):
        match line.event:
            case "attempted":
                self.tried[line.words[0]] = (line.time, line.words[1] if len(line.words) > 1 else "work")
            case "acked" | "unknown" | "denied":
                if line.words[0] in self.tried:
                    self.answer(line, *self.tried[line.words[0]])
            case "begin":
                if stored := self.stored.pop(line.words[2], None):
                    self.waits[stored[1]].append(line.time - stored[0])
            case "served":
                self.servable = (line.time, set(line.words))

    def answer(self, line, start, stream):
        self.publishes[stream].append(line.time - start)
        if line.event != "acked":
            return
        self.stored[line.words[0]] = (line.time, stream)
        if self.servable and stream in self.servable[1]:
            self.resumed.append(line.time - self.servable[0])
            self.servable = None

    @property
    def rate(self):
        """How many publishes were begun in a second."""
        times = [time for time, _ in self.tried.values()]
        return round(1000 * len(times) / max(1, max(times) - min(times))) if times else 0

    def publish(self, share, streams=None):
        """Returns what so large a share of the publishes did not exceed, of those to these streams; None without any."""
        return quantile(self.publishes, share, streams)

    def wait(self, share, streams=None):
        """Returns the same of messages that waited for their handlers."""
        return quantile(self.waits, share, streams)


def quantile(times, share, streams):
    chosen = sorted(time for stream, some in times.items() if streams is None or stream in streams for time in some)
    return chosen[min(len(chosen) - 1, int(len(chosen) * share))] if chosen else None
