# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What a ledger comes to, once the group owes nothing."""

from collections import Counter, defaultdict

from executions import Executions
from pace import Pace


class Account:
    """Messages by what was said and done about them. A message is known by its number; an entry that was deleted and
    made again is another one."""

    def __init__(self, lines, forgotten=frozenset(), dead=frozenset()):
        self.attempted, self.acked, self.unknown, self.denied = set(), set(), set(), set()
        # What a publisher was about when it was killed is unknown, too.
        self.open = set()
        # What a publisher gave up that was told to end.
        self.cancelled = set()
        self.handled = Counter()
        self.dead = set(dead)
        self.made_to_forget = set(forgotten)
        self.events = Counter()
        self.executions = Executions()
        self.held = defaultdict(set)
        self.in_flight = Counter()
        self.laden = 0
        self.numbers = {}
        # By the process, since after a stranger's doing an entry is not the same to all.
        self.begun = {}
        self.buried = set()
        self.stored = {}
        self.begins = {}
        self.missing = set()
        self.pace = Pace()
        for line in lines:
            self.take(line)
        self.unknown |= self.open
        self.dead |= {self.numbers[entry] for entry in self.buried if entry in self.numbers}
        self.reported = {number for number, (_, entry) in self.stored.items() if entry in self.missing}

    def take(self, line):
        self.events[line.event] += 1
        self.executions.take(line)
        self.pace.take(line)
        match line.event:
            case "attempted":
                self.attempted.add(line.words[0])
                self.open.add(line.words[0])
            case "acked" | "unknown" | "denied":
                getattr(self, line.event).add(line.words[0])
                self.open.discard(line.words[0])
                if line.event == "acked":
                    self.stored[line.words[0]] = (line.time, line.words[1] if len(line.words) > 1 else None)
                elif line.words[1:] == ["cancelled"]:
                    self.cancelled.add(line.words[0])
            case "got":
                self.held[line.pid].add(line.words[0])
            case "begin":
                self.numbers[line.words[0]] = self.begun[line.pid, line.words[0]] = line.words[2]
                self.begins.setdefault(line.words[2], line.time)
                # A handler may begin before its process has told that it got the message.
                self.held[line.pid].add(line.words[0])
            case "end":
                self.handled[line.words[2]] += 1
            case "settled":
                self.settle(line)
            case "missing":
                self.missing.add(line.words[0])
            case "died":
                self.bury(self.held.pop(line.pid, set()))

    def settle(self, line):
        entry, _, kind, result = line.words[:4]
        self.held[line.pid].discard(entry)
        if kind == "deadLetter" and result in ("done", "settled"):
            if number := self.begun.get((line.pid, entry)):
                self.dead.add(number)
            else:
                self.buried.add(entry)

    def bury(self, held):
        """Takes note of what a process held when it ended."""
        self.laden += bool(held)
        self.in_flight.update(held)

    @property
    def done(self):
        return self.handled.keys() | self.dead

    @property
    def lost(self):
        """Acknowledged, and never handled nor set aside, though the server was not made to forget it."""
        return self.acked - self.done - self.made_to_forget

    @property
    def forgotten(self):
        """Acknowledged, and gone with what the server was made to forget."""
        return (self.acked & self.made_to_forget) - self.done

    @property
    def unexpected(self):
        """Handled though nobody tried to publish it, or though its publisher was told that it is not stored."""
        return self.done - (self.attempted - self.denied)

    @property
    def unbegun(self):
        """Given up as dead letters though no handler had begun them."""
        return self.dead - self.begins.keys()

    def waited_longer(self, patience):
        """Acknowledged, and begun later than `patience` milliseconds afterwards."""
        return {
            number for number, (time, _) in self.stored.items()
            if number in self.begins and self.begins[number] > time + patience
        }

    @property
    def recovered(self):
        """Handled though its publisher was told that nobody knows."""
        return self.unknown & self.done

    @property
    def duplicated(self):
        """How often a message was handled that had been handled."""
        return sum(self.handled.values()) - len(self.handled)

    @property
    def unexplained(self):
        """The messages handled again that no process held which was killed."""
        excused = {self.numbers.get(entry) for entry in self.in_flight}
        return {number for number, times in self.handled.items() if times > 1} - excused

    @property
    def overlaps(self):
        return self.executions.overlaps
