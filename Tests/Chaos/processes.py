# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Processes that end with the driver, whatever becomes of it."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from contextlib import suppress


# The seconds within which a new process handles signals.
BIRTH = 2


def die_with_parent():
    """Linux ends the child when the driver dies; elsewhere it must be the child's own standard input."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class ChildProcess:
    """A process of ours, known by its pid alone."""

    def __init__(self, process):
        self.process = process
        self.pid = process.pid
        self.started = time.monotonic()
        self.is_frozen = False

    @classmethod
    async def start(cls, arguments, log, **environment):
        with open(log, "ab") as sink:
            process = await asyncio.create_subprocess_exec(
                *arguments, stdin=asyncio.subprocess.PIPE, stdout=sink, stderr=sink, preexec_fn=die_with_parent,
                env=dict(os.environ, **environment))
        return cls(process)

    @property
    def is_running(self):
        return self.process.returncode is None

    def was_told_unborn(self, code):
        """Whether it ended by SIGTERM since that came before it could handle signals."""
        return code == -signal.SIGTERM and time.monotonic() - self.started < BIRTH

    def send(self, number):
        """Sends a signal, unless the process has ended and its pid may be somebody else's."""
        if self.is_running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def freeze(self):
        self.send(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self):
        self.send(signal.SIGCONT)
        self.is_frozen = False

    async def kill(self):
        self.send(signal.SIGKILL)
        await self.process.wait()

    async def end(self, limit):
        """Asks it to end; answers its exit code, or None when it had to be killed."""
        self.thaw()
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.process.wait(), limit)
        except asyncio.TimeoutError:
            await self.kill()
            return None
