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
from contextlib import asynccontextmanager, contextmanager, suppress

from redis.exceptions import RedisError, ResponseError

from cluster import Cluster
from crew import Crew
from ledger import Ledger
from memory import RESTS, UNSETTLED
from names import NAME, Names
from proxy import Proxy
from sentinels import SentinelSet
from server import PASSWORD, Server

CONFIGURATION = """version: 1
drain: {drain}s
brokers:
  events:
    provider: redis-streams
    url: "{url}"
    connect-timeout: {timeout}ms
    command-timeout: 2s
streams:
"""
STREAM = """  "{name}":
    max-payload: 4MiB
    visibility: {visibility}ms
    retry: {{ attempts: 100, backoff: fixed, initial: {retry}ms, jitter: 0 }}
    groups: {{ crew: {{ concurrency: {concurrency}, prefetch: {prefetch} }} }}
"""
DURABILITY = "    durability: {{ replicas: {replicas}, timeout: 1s }}\n"


PLACES = {"server": Server, "cluster": Cluster, "sentinel": SentinelSet}


class Missing(Exception):
    """What a scenario needs and the servers cannot do."""


class Rig:
    """A server, a proxy if one is wanted, a crew of workers and one of a single publisher."""

    def __init__(self, program, settings, rng):
        self.program = program
        self.settings = settings
        self.rng = rng
        self.folder = tempfile.mkdtemp(prefix="chaos-")
        self.ledger = Ledger(os.path.join(self.folder, "ledger"))
        # What the application is given the URL of; beyond one server all of them together.
        self.server = PLACES[settings.place](self.folder, settings.durable)
        self.names = Names(self.folder) if settings.named else None
        self.proxy = None
        self.crews = []
        self.forgotten = set()
        # The streams to which something is done; how the others fare is told apart.
        self.disturbed = set(settings.names)
        # What deleted consumers had.
        self.orphaned = set()
        self.own_count = 0
        self.footprints = []
        self.faults = 0

    async def __aenter__(self):
        try:
            await self.server.start()
            if self.settings.proxied:
                self.proxy = await Proxy(self.server.port, self.rng).__aenter__()
            if self.names:
                await self.names.prepare()
            self.configure()
            self.crew = self.make_crew(*self.settings.role)
            settings = self.settings
            self.publishers = self.make_crew("publish", settings.rate, settings.longest, 0, settings.streams)
            self.crew.employ(self.settings.workers)
            await self.ledger.wait_for("subscribed", self.settings.workers * len(self.settings.selections))
            self.publishers.employ(1 if self.settings.rate else 0)
            return self
        except BaseException:
            await self.__aexit__()
            raise

    async def __aexit__(self, *_):
        for crew in reversed(self.crews):
            await crew.dismiss()
        if self.proxy:
            await self.proxy.__aexit__()
        await self.server.close()
        if "CHAOS_KEEP" in os.environ:
            return
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self):
        url = self.server.url
        if self.proxy or self.names:
            port = self.proxy.port if self.proxy else self.server.port
            url = f"redis://app:{PASSWORD}@{NAME if self.names else '127.0.0.1'}:{port}"
        facts = dict(vars(self.settings), url=url)
        stream = STREAM + (DURABILITY if self.settings.replicas else "")
        with open(self.configuration, "w") as file:
            file.write(CONFIGURATION.format(**facts))
            for name in self.settings.selections:
                file.write(stream.format(name=name, **facts))

    @property
    def configuration(self):
        return os.path.join(self.folder, "brokers.yaml")

    def make_crew(self, *role):
        """A crew of nobody yet."""
        environment = self.names.environment if self.names else {}
        crew = Crew(self.program, self.folder, self.configuration, self.ledger, self.rng, role, environment)
        self.crews.append(crew)
        return crew

    @asynccontextmanager
    async def large_bodies(self, rate, largest):
        """Another publisher meanwhile, of bodies from 64 KiB to `largest`."""
        crew = self.make_crew("publish", rate, 20, largest, 0)
        crew.employ(1)
        try:
            yield
        finally:
            crew.exits += await crew.end()

    async def publish(self, durations, size=0):
        """Stores messages of our own in one step. Each takes its duration in milliseconds and has `size` bytes."""
        first, self.own_count = self.own_count, self.own_count + len(durations)
        numbers = [f"own-{first + place}" for place in range(len(durations))]
        async with self.server.control.pipeline() as pipeline:
            for number, duration in zip(numbers, durations):
                self.ledger.note(0, "attempted", number)
                filling = f" {size} {filled(number, size)}" if size else ""
                pipeline.xadd("work", {"data": f"{number} {duration} end{filling}"})
            ids = await pipeline.execute()
        for number, entry in zip(numbers, ids):
            self.ledger.note(0, "acked", number, entry)

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

    def note_served(self):
        """Takes note that the streams to which something was done can be written to again."""
        self.ledger.note(0, "served", *sorted(self.disturbed))

    async def tell_unsettled(self):
        """Takes note of what will be forgotten, while the server holds up what writes."""
        self.forgotten |= set(await self.server.control.eval_ro(UNSETTLED, 0, "all", ""))

    async def forget(self, *commands, scope="all"):
        """Runs commands that lose messages, and takes note of which, in one step."""
        with self.voiding():
            self.forgotten |= set(await self.unsettled(scope, "", *commands))

    async def orphan(self, consumer):
        """Deletes a consumer, and takes note of what it had, in one step."""
        with self.voiding():
            self.orphaned |= set(
                await self.unsettled("held", consumer, ["XGROUP", "DELCONSUMER", "work", "crew", consumer]))

    async def unsettled(self, scope, consumer, *commands):
        texts = [json.dumps([str(word) for word in command]) for command in commands]
        return await self.server.control.eval(UNSETTLED, 0, scope, consumer, *texts)

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
                homes = await self.server.homes(self.settings.names)
                if all([await home.eval_ro(RESTS, 1, stream) for stream, home in homes.items()]):
                    return passed
            await asyncio.sleep(0.1)
        return None


def filled(number, size):
    """What a worker expects a message to be filled with."""
    return (f"{number}." * (size // len(number) + 1))[:size]
