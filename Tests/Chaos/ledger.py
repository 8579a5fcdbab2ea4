# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""The file to which everybody appends: workers what they see and do, the driver what it does to them."""

import asyncio
import os
import time
from typing import NamedTuple


class Line(NamedTuple):
    """What happened in which process, and when, in milliseconds by a clock that all share."""

    time: int
    pid: int
    event: str
    words: list


class Ledger:
    """Lines in the order in which they were written."""

    def __init__(self, path):
        self.path = path
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, pid, event, *words):
        text = " ".join(str(word) for word in words)
        line = f"{time.monotonic_ns() // 1_000_000} 0 {pid} {event} {text}".rstrip() + "\n"
        os.write(self.file, line.encode())

    def lines(self):
        """All lines but one that a killed process did not finish."""
        with open(self.path, errors="replace") as file:
            for text in file:
                words = text.split()
                if len(words) >= 4 and words[0].isdigit() and words[2].isdigit():
                    yield Line(int(words[0]), int(words[2]), words[3], words[4:])

    def count(self, event):
        return sum(line.event == event for line in self.lines())

    async def wait_for(self, event, count, limit=60):
        for _ in range(limit * 10):
            if self.count(event) >= count:
                return
            await asyncio.sleep(0.1)
        with open(self.path) as file:
            raise RuntimeError(f"no {count} × {event} within {limit} s; the ledger ends with\n" + file.read()[-2000:])
