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
ARGUMENTS = [
    "--cluster-enabled", "yes", "--cluster-port", "BUS", "--cluster-node-timeout", str(NODE_TIMEOUT),
    "--repl-diskless-sync-delay", "0",
]


def slot_of(stream):
    return key_slot(stream.encode())


class Cluster:
    """Speaks with each node by its socket. Its control is that of the node that had the slot of the stream when it was
    looked for last."""

    def __init__(self, folder, durable):
        self.folder = folder
        self.durable = durable
        self.count = 0
        self.nodes = [self.make_node() for _ in range(2 * PRIMARIES)]
        self.control = self.nodes[0].control
        self.ids = {}
        seeds = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:PRIMARIES])
        self.url = f"redis+cluster://app:{PASSWORD}@{seeds}"

    def make_node(self):
        self.count += 1
        return Server(self.folder, self.durable, f"node-{self.count}", ARGUMENTS, CLUSTER_RIGHTS)

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
        if owner := (await self.owners([SLOT])).get(SLOT):
            self.control = owner.control
        return owner

    async def owners(self, slots):
        """The node that has each slot; a slot that nobody has is left out. Of several the one of the latest epoch."""
        found = {}
        for node in self.present:
            line = await self.own_line(node)
            if line and "master" in line[2]:
                for slot in slots:
                    if any(has(word, slot) for word in line[8:]):
                        found[slot] = max(found.get(slot, (-1,)), (int(line[6]), node.port, node))
        return {slot: node for slot, (_, _, node) in found.items()}

    async def homes(self, streams):
        owners = await self.owners({slot_of(stream) for stream in streams})
        return {stream: owners[slot_of(stream)].control for stream in streams}

    async def count_keys(self):
        return sum([await node.control.dbsize() for node in await self.primaries()])

    async def serves(self, node):
        """Whether a node says that all slots are served."""
        # Some versions of the client library make a dictionary of it.
        info = str(await node.say("CLUSTER", "INFO"))
        return bool(re.search(r"cluster_state\W+ok", info) and re.search(rf"cluster_slots_ok\W+{SLOTS}", info))

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

    async def what_is_ill(self):
        """What keeps the cluster from being well: slots that are not served, a replica without its primary's data, a
        primary without a replica. Nothing if it is."""
        for node in self.nodes:
            facts = await node.control.info("replication")
            if not await self.serves(node):
                return f"{node.port} does not serve all slots"
            if facts["role"] == "slave" and facts["master_link_status"] != "up":
                return f"{node.port} has no link to {facts['master_port']}"
            if facts["role"] == "master" and not await self.replica_of(node):
                return f"{node.port} has no replica"
        return None

    async def recovered(self):
        ill = "nobody answered"

        async def is_well():
            nonlocal ill
            ill = await self.what_is_ill()
            return ill is None

        await until(lambda: f"a cluster in which all is well: {ill}", is_well)

    async def add_node(self):
        """Starts another node and lets the others know it."""
        node = self.make_node()
        await node.start()
        await self.join(node, self.present[0])
        return node

    async def join(self, node, member):
        self.ids[node] = await node.say("CLUSTER", "MYID")
        if node not in self.nodes:
            self.nodes.append(node)
        await member.say("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus)
        await until("nodes that know each other", self.all_know)

    async def follow(self, replica, primary):
        """Makes a node without slots the replica of another one, and waits until it has the data."""
        await until("a node that knows its primary", lambda: knows(replica, self.ids[primary]))
        await replica.say("CLUSTER", "REPLICATE", self.ids[primary])
        await until("a replica with the data", lambda: self.follows(replica, primary))

    async def follows(self, replica, primary):
        facts = await replica.control.info("replication")
        return facts["role"] == "slave" and facts["master_port"] == primary.port and facts["master_link_status"] == "up"

    async def forget(self, node):
        """Removes a node without slots from what all others know, until the last of them has it."""
        self.nodes.remove(node)
        name = self.ids.pop(node)
        for other in self.nodes:
            with suppress(RedisError):
                await other.say("CLUSTER", "FORGET", name)

    def node_of(self, name):
        return next(node for node, own in self.ids.items() if own == name)

    async def version(self):
        """The version of Redis; nothing for a Valkey, which tells one of Redis beside its own."""
        facts = await self.control.info("server")
        return "" if "valkey_version" in facts else facts["redis_version"]

    async def can_hand_over(self):
        words = await self.control.execute_command("CLUSTER", "HELP")
        return any(word.startswith(("MIGRATION", "MIGRATESLOTS")) for word in words)

    async def hand_over(self, slot, source, target):
        """Lets the servers move a slot by themselves, in one step."""
        try:
            await target.say("CLUSTER", "MIGRATION", "IMPORT", slot, slot)
        except RedisError:
            await source.say("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", self.ids[target])
        await until("a slot with its new node", lambda: self.owns(target, slot))

    async def owns(self, node, slot):
        line = await self.own_line(node)
        return bool(line) and any(has(word, slot) for word in line[8:])

    async def denials(self):
        found = set()
        for node in self.nodes:
            found |= set(await node.denials())
        return sorted(found)


async def knows(node, name):
    return name in await node.say("CLUSTER", "NODES")


def has(word, slot):
    """Whether slots as CLUSTER NODES writes them have one; what stands in brackets is on its way."""
    if word.startswith("["):
        return False
    first, _, last = word.partition("-")
    return int(first) <= slot <= int(last or first)


async def until(what, is_so, limit=60):
    """Asks again and again; a server that does not answer counts as no. What is awaited may be told in the end only."""
    for _ in range(limit * 20):
        with suppress(RedisError, OSError):
            if await is_so():
                return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"not within {limit} s: {what if isinstance(what, str) else what()}")
