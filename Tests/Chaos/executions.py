# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Which handlers ran at the same time for one message, and whether they had reason to."""

from collections import defaultdict
from dataclasses import dataclass


@dataclass(eq=False)
class Execution:
    """A handler that runs; excused once its process has lost the lease, was stopped, or all leases were made void, and
    from the beginning if that was a moment before."""

    pid: int
    is_excused: bool = False


class Executions:
    """Follows the ledger line by line."""

    def __init__(self):
        self.running = defaultdict(list)
        self.entries_of = defaultdict(set)
        self.pairs = []
        self.doubtful_until = 0
        self.doubts = defaultdict(int)

    @property
    def overlaps(self):
        """Pairs of executions of an entry at once, neither of which had lost its lease before its end."""
        return [pair for pair in self.pairs if not any(execution.is_excused for execution in pair[1:])]

    def take(self, line):
        match line.event:
            case "begin":
                self.begin(line.words[0], line.pid, line.time <= max(self.doubtful_until, self.doubts[line.pid]))
            case "end" | "thrown":
                self.finish(line.words[0], line.pid)
            case "lost":
                self.excuse(line.words[0], line.pid)
            case "frozen":
                for entry in self.entries_of[line.pid]:
                    self.excuse(entry, line.pid)
            case "thawed":
                self.doubts[line.pid] = line.time + int(line.words[0])
            case "died":
                for entry in list(self.entries_of.pop(line.pid, ())):
                    self.finish(entry, line.pid)
            case "voided":
                # What a process has leased and not begun it takes for its own until its next heartbeat.
                self.doubtful_until = line.time + int(line.words[0])
                for executions in self.running.values():
                    for execution in executions:
                        execution.is_excused = True

    def begin(self, entry, pid, is_excused):
        execution = Execution(pid, is_excused)
        self.pairs += [(entry, first, execution) for first in self.running[entry]]
        self.running[entry].append(execution)
        self.entries_of[pid].add(entry)

    def excuse(self, entry, pid):
        for execution in self.running[entry]:
            if execution.pid == pid:
                execution.is_excused = True

    def finish(self, entry, pid):
        execution = next((execution for execution in self.running[entry] if execution.pid == pid), None)
        if execution in self.running[entry]:
            self.running[entry].remove(execution)
        if all(execution.pid != pid for execution in self.running[entry]):
            self.entries_of[pid].discard(entry)
        if not self.running[entry]:
            del self.running[entry]
