# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A Redis Cluster of three primaries and three replicas, all of them on free ports of this machine."""

import asyncio
import re
from contextlib import suppress

from redis.crc import key_slot
from redis.exceptions import RedisError

from server import CLUSTER_RIGHTS, PASSWORD, Server

PRIMARIES = 3
SLOTS = 16_384
# The slot of everything that belongs to the stream of the workers.
SLOT = key_slot(b"work")
# Beyond this many milliseconds of silence the nodes call one of them failed.
NODE_TIMEOUT = 2000


class Cluster:
    """Speaks with each node by its socket. Its control is that of the node that had the slot of the stream when it was
    looked for last."""

    def __init__(self, folder, durable):
        arguments = [
            "--cluster-enabled", "yes", "--cluster-port", "BUS", "--cluster-node-timeout", str(NODE_TIMEOUT),
            "--repl-diskless-sync-delay", "0",
        ]
        self.nodes = [
            Server(folder, durable, f"node-{number}", arguments, CLUSTER_RIGHTS)
            for number in range(2 * PRIMARIES)]
        self.control = self.nodes[0].control
        self.ids = {}

    @property
    def url(self):
        seeds = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:PRIMARIES])
        return f"redis+cluster://app:{PASSWORD}@{seeds}"

    async def start(self):
        await asyncio.gather(*(node.start() for node in self.nodes))
        for number, node in enumerate(self.nodes):
            self.ids[node] = await node.say("CLUSTER", "MYID")
            await node.say("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number, node in enumerate(self.nodes[:PRIMARIES]):
            first, next_first = number * SLOTS // PRIMARIES, (number + 1) * SLOTS // PRIMARIES
            await node.say("CLUSTER", "ADDSLOTSRANGE", first, next_first - 1)
        for node in self.nodes:
            for other in self.nodes:
                if other is not node:
                    await node.say("CLUSTER", "MEET", "127.0.0.1", other.port, other.bus)
        await until("nodes that know each other", self.all_know)
        for primary, replica in zip(self.nodes, self.nodes[PRIMARIES:]):
            await replica.say("CLUSTER", "REPLICATE", self.ids[primary])
        await self.recovered()
        await self.look()

    async def close(self):
        await asyncio.gather(*(node.close() for node in self.nodes))

    async def own_line(self, node):
        """What a node says of itself: flags, primary, epoch and slots; None while it says nothing."""
        with suppress(RedisError, OSError):
            for line in (await node.say("CLUSTER", "NODES")).splitlines():
                words = line.split()
                if "myself" in words[2]:
                    return words
        return None

    async def look(self):
        """Finds the node that has the slot of the stream; answers it, or None while there is none."""
        best, epoch = None, -1
        for node in self.present:
            line = await self.own_line(node)
            if line and "master" in line[2] and int(line[6]) > epoch and any(has(word, SLOT) for word in line[8:]):
                best, epoch = node, int(line[6])
        if best:
            self.control = best.control
        return best

    async def replica_of(self, primary):
        """A node that follows another one; None while there is none."""
        for node in self.present:
            line = await self.own_line(node)
            if line and line[3] == self.ids[primary]:
                return node
        return None

    async def primaries(self):
        lines = [(node, await self.own_line(node)) for node in self.present]
        return [node for node, line in lines if line and "master" in line[2] and len(line) > 8]

    @property
    def present(self):
        return [node for node in self.nodes if node.process and node.process.is_running and not node.process.is_frozen]

    async def all_know(self):
        for node in self.nodes:
            lines = (await node.say("CLUSTER", "NODES")).splitlines()
            if len(lines) < len(self.nodes) or any("handshake" in line or "disconnected" in line for line in lines):
                return False
        return True

    async def is_well(self):
        """Whether every node says that all slots are served, and every replica has its primary's data."""
        for node in self.nodes:
            # Some versions of the client library make a dictionary of it.
            info = str(await node.say("CLUSTER", "INFO"))
            facts = await node.control.info("replication")
            if not re.search(r"cluster_state\W+ok", info) or not re.search(rf"cluster_slots_ok\W+{SLOTS}", info):
                return False
            if facts["role"] == "slave" and facts["master_link_status"] != "up":
                return False
            if facts["role"] == "master" and node is not self.nodes[0] and not await self.replica_of(node):
                return False
        return True

    async def recovered(self):
        await until("a cluster in which all is well", self.is_well)

    async def denials(self):
        found = set()
        for node in self.nodes:
            found |= set(await node.denials())
        return sorted(found)


def has(word, slot):
    """Whether slots as CLUSTER NODES writes them have one; what stands in brackets is on its way."""
    if word.startswith("["):
        return False
    first, _, last = word.partition("-")
    return int(first) <= slot <= int(last or first)


async def until(what, is_so, limit=60):
    """Asks again and again; a server that does not answer counts as no."""
    for _ in range(limit * 20):
        with suppress(RedisError, OSError):
            if await is_so():
                return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"not within {limit} s: {what}")
