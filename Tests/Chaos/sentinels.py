# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A primary with two replicas and the three Sentinels that watch them, all of them on free ports of this machine."""

import asyncio
from contextlib import suppress

from redis.exceptions import RedisError

from cluster import until
from server import PASSWORD, SENTINEL_RIGHTS, Sentinel, Server

# Beyond this many milliseconds of silence the Sentinels call the primary down.
DOWN_AFTER = 1000


class SentinelSet:
    """Its control is that of the server that was the primary when it was looked for last."""

    def __init__(self, folder, durable):
        arguments = ["--repl-diskless-sync-delay", "0"]
        self.servers = [
            Server(folder, durable, f"server-{number}", arguments, SENTINEL_RIGHTS) for number in range(3)]
        self.sentinels = [Sentinel(folder, f"sentinel-{number}", self.servers[0].port, DOWN_AFTER) for number in range(3)]
        self.control = self.servers[0].control

    @property
    def url(self):
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://app:{PASSWORD}@{hosts}/main"

    async def start(self):
        await asyncio.gather(*(server.start() for server in self.servers))
        for replica in self.servers[1:]:
            await replica.control.replicaof("127.0.0.1", self.servers[0].port)
        await asyncio.gather(*(sentinel.start() for sentinel in self.sentinels))
        await self.recovered()

    async def close(self):
        await asyncio.gather(*(server.close() for server in self.sentinels + self.servers))

    @property
    def present(self):
        return [server for server in self.servers
                if server.process and server.process.is_running and not server.process.is_frozen]

    async def look(self):
        """Finds the server that most Sentinels name and that says so itself; answers it, or None while there is none."""
        named = [port for sentinel in self.sentinels if (port := await sentinel.named())]
        for server in self.present:
            if named.count(server.port) * 2 > len(self.sentinels):
                with suppress(RedisError, OSError):
                    if (await server.control.execute_command("ROLE"))[0] == "master":
                        self.control = server.control
                        return server
        return None

    async def homes(self, streams):
        return dict.fromkeys(streams, self.control)

    async def count_keys(self):
        return await self.control.dbsize()

    async def is_well(self):
        """Whether there is one primary, all others follow it, and all Sentinels know that."""
        primary = await self.look()
        if primary is None:
            return False
        for server in self.servers:
            facts = await server.control.info("replication")
            if server is not primary and (
                    facts["role"] != "slave" or facts["master_port"] != primary.port
                    or facts["master_link_status"] != "up"):
                return False
        for sentinel in self.sentinels:
            facts = await sentinel.facts()
            if facts.get("flags") != "master" or facts.get("num-slaves") != "2" or \
                    facts.get("num-other-sentinels") != "2" or await sentinel.named() != primary.port:
                return False
        return True

    async def recovered(self):
        await until("Sentinels that agree", self.is_well)

    async def denials(self):
        found = set()
        for server in self.servers:
            found |= set(await server.denials())
        return sorted(found)
