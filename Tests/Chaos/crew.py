# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""The processes of the application, kept alive as a process manager would."""

import asyncio
import os

from processes import ChildProcess


class Crew:
    """A number of workers of a role. Each is started again when it ends."""

    def __init__(self, program, folder, configuration, ledger, rng, role, environment):
        self.command = [program, configuration, ledger.path, *(str(word) for word in role)]
        self.environment = dict(environment, SWIFT_BACKTRACE="enable=no")
        self.log = os.path.join(folder, "complaints")
        self.ledger = ledger
        self.rng = rng
        self.workers = {}
        self.keepers = []
        self.longest_pause = 0.3
        self.kills = 0
        self.exits = []
        self.is_ending = False

    def employ(self, count):
        self.keepers = [asyncio.ensure_future(self.keep(place)) for place in range(count)]

    async def keep(self, place):
        """One place in the crew, whoever has it."""
        while not self.is_ending:
            worker = await ChildProcess.start(self.command, self.log, **self.environment)
            self.workers[place] = worker
            code = await worker.process.wait()
            if self.is_ending:
                return
            self.ledger.note(worker.pid, "died", code)
            if code not in (-9, 0) and not worker.was_told_unborn(code):
                self.exits.append(code)
            await asyncio.sleep(self.rng.uniform(0, self.longest_pause))

    @property
    def present(self):
        return [worker for worker in self.workers.values() if worker.is_running]

    async def kill(self, worker):
        """By SIGKILL; whether it was the driver who did it is told by the ledger."""
        self.ledger.note(worker.pid, "killed")
        self.kills += 1
        await worker.kill()

    async def terminate(self, worker, limit=20):
        """By SIGTERM; it must drain in time and end with 0."""
        if await worker.end(limit) is None:
            self.exits.append("no end")

    def freeze(self, worker):
        self.ledger.note(worker.pid, "frozen")
        worker.freeze()

    def thaw(self, worker, doubt):
        """Lets it go on. Until its next heartbeat, which comes within `doubt` milliseconds, the worker believes that it
        still holds the messages that were on their way to it."""
        worker.thaw()
        self.ledger.note(worker.pid, "thawed", doubt)

    async def end(self, limit=20):
        """Asks all to end and answers the exit codes that are not 0."""
        self.is_ending = True
        workers = self.present
        codes = await asyncio.gather(*(worker.end(limit) for worker in workers))
        await self.dismiss()
        return [code for worker, code in zip(workers, codes) if code != 0 and not worker.was_told_unborn(code)]

    async def dismiss(self):
        self.is_ending = True
        for keeper in self.keepers:
            keeper.cancel()
        await asyncio.gather(*self.keepers, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in self.present))
