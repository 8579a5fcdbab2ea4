# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Which handlers ran at the same time for one message, and whether they had reason to."""

from collections import defaultdict
from dataclasses import dataclass


@dataclass
class Execution:
    """A handler that runs; excused once its process has lost the lease, was stopped, or all leases were made void."""

    pid: int
    is_excused: bool = False


class Executions:
    """Follows the ledger line by line."""

    def __init__(self):
        self.running = defaultdict(list)
        self.entries_of = defaultdict(set)
        # Overlaps that are excused if the first of both turns out to have lost its lease.
        self.suspected = defaultdict(list)
        self.proven = []

    @property
    def overlaps(self):
        """Pairs of processes that handled an entry at once, and the entry."""
        running = [
            (entry, first.pid, second) for entry, pairs in self.suspected.items() for first, second in pairs
            if not first.is_excused]
        return self.proven + running

    def take(self, line):
        match line.event:
            case "begin":
                self.begin(line.words[0], line.pid)
            case "end" | "thrown":
                self.finish(line.words[0], line.pid)
            case "lost":
                self.excuse(line.words[0], line.pid)
            case "frozen":
                for entry in list(self.entries_of[line.pid]):
                    self.excuse(entry, line.pid)
            case "died":
                for entry in list(self.entries_of.pop(line.pid, ())):
                    self.finish(entry, line.pid)
            case "voided":
                for executions in self.running.values():
                    for execution in executions:
                        execution.is_excused = True

    def begin(self, entry, pid):
        for first in self.running[entry]:
            if not first.is_excused:
                self.suspected[entry].append((first, pid))
        self.running[entry].append(Execution(pid))
        self.entries_of[pid].add(entry)

    def excuse(self, entry, pid):
        for execution in self.running[entry]:
            if execution.pid == pid:
                execution.is_excused = True

    def finish(self, entry, pid):
        """What ends unexcused has overlapped what began meanwhile."""
        ended = [execution for execution in self.running[entry] if execution.pid == pid]
        for execution in ended[:1]:
            self.running[entry].remove(execution)
            pairs = self.suspected.pop(entry, [])
            for first, second in pairs:
                if first is not execution:
                    self.suspected[entry].append((first, second))
                elif not execution.is_excused:
                    self.proven.append((entry, execution.pid, second))
        if not any(execution.pid == pid for execution in self.running[entry]):
            self.entries_of[pid].discard(entry)
        if not self.running[entry]:
            del self.running[entry]
