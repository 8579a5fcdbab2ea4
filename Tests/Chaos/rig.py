# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Everything that one scenario needs, in a folder of its own, and all of it gone afterwards."""

import asyncio
import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress

from redis.exceptions import RedisError, ResponseError

from crew import Crew
from ledger import Ledger
from memory import UNSETTLED
from proxy import Proxy
from server import PASSWORD, Server

CONFIGURATION = """version: 1
drain: 12s
brokers:
  events:
    provider: redis-streams
    url: "redis://app:{password}@127.0.0.1:{port}"
    connect-timeout: 2s
    command-timeout: 2s
streams:
  work:
    visibility: {visibility}ms
    retry: {{ attempts: 100, backoff: fixed, initial: 200ms, jitter: 0 }}
    groups: {{ crew: {{ concurrency: {concurrency}, prefetch: {prefetch} }} }}
"""


class Rig:
    """A server, a proxy if one is wanted, a crew of workers and one of a single publisher."""

    def __init__(self, program, settings, rng):
        self.program = program
        self.settings = settings
        self.rng = rng
        self.folder = tempfile.mkdtemp(prefix="chaos-")
        self.ledger = Ledger(os.path.join(self.folder, "ledger"))
        self.server = Server(self.folder, settings.durable)
        self.proxy = None
        self.crew = None
        self.publishers = None
        self.forgotten = set()
        self.footprints = []
        self.faults = 0

    async def __aenter__(self):
        try:
            await self.server.start()
            if self.settings.proxied:
                self.proxy = await Proxy(self.server.port, self.rng).__aenter__()
            configuration = self.configure(self.proxy.port if self.proxy else self.server.port)
            command = (self.program, self.folder, configuration, self.ledger, self.rng)
            self.crew = Crew(*command, self.settings.role)
            self.publishers = Crew(*command, ("publish", str(self.settings.rate), str(self.settings.longest)))
            self.crew.employ(self.settings.workers)
            await self.ledger.wait_for("subscribed", self.settings.workers)
            self.publishers.employ(1)
            return self
        except BaseException:
            await self.__aexit__()
            raise

    async def __aexit__(self, *_):
        for crew in (self.publishers, self.crew):
            if crew:
                await crew.dismiss()
        if self.proxy:
            await self.proxy.__aexit__()
        await self.server.close()
        if "CHAOS_KEEP" in os.environ:
            return
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, port):
        path = os.path.join(self.folder, "brokers.yaml")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(
                password=PASSWORD, port=port, visibility=self.settings.visibility,
                concurrency=self.settings.concurrency, prefetch=self.settings.prefetch))
        return path

    async def beats(self, seconds, shortest, longest):
        """Comes by at intervals for a while, the first time after one; counts a fault each time."""
        clock = asyncio.get_running_loop()
        end = clock.time() + seconds
        while True:
            await asyncio.sleep(self.rng.uniform(shortest, longest))
            if clock.time() >= end:
                return
            self.faults += 1
            yield

    async def tell_unsettled(self):
        """Takes note of what will be forgotten, while the server holds up what writes."""
        self.forgotten |= set(await self.server.control.eval_ro(UNSETTLED, 0, "all"))

    async def forget(self, *commands, scope="all"):
        """Runs commands that lose messages, and takes note of which, in one step."""
        texts = [json.dumps([str(word) for word in command]) for command in commands]
        with self.voiding():
            self.forgotten |= set(await self.server.control.eval(UNSETTLED, 0, scope, *texts))

    @contextmanager
    def voiding(self):
        """What is done here ends leases, and somebody else than the library has done it. Where there is nothing that
        could be done, such as a group that is not there yet, nothing is."""
        self.ledger.note(0, "voided", self.settings.visibility // 2)
        with suppress(ResponseError):
            yield
        self.ledger.note(0, "voided", self.settings.visibility // 2)

    async def drained(self, limit):
        """Waits until the group owes nothing; answers the seconds that it took, or None."""
        start = asyncio.get_running_loop().time()
        while (passed := asyncio.get_running_loop().time() - start) < limit:
            with suppress(RedisError, OSError):
                if not await self.server.control.eval_ro(UNSETTLED, 0, "all"):
                    return passed
            await asyncio.sleep(0.1)
        return None
