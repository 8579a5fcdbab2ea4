# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Nodes that join a cluster and leave it."""

import asyncio

from cluster import SLOTS, until
from verbs.cluster import promote


async def replace_all(rig, seconds):
    """Every node is replaced by one at another address, one after the other: in the end none of the URL is left."""
    for node in list(rig.server.nodes):
        newcomer = await rig.server.add_node()
        line = await rig.server.own_line(node)
        primary = node if "master" in line[2] else rig.server.node_of(line[3])
        await rig.server.follow(newcomer, primary)
        if primary is node:
            await promote(rig, newcomer)
        await rig.server.forget(node)
        await node.close()
        rig.faults += 1
        await rig.server.recovered()


async def reuse_address(rig, seconds):
    """A node that had the stream leaves, and its address is one of another cluster, which has all slots and the key of the
    stream: whoever still goes there publishes to somebody else. Then it comes back."""
    async for _ in rig.beats(seconds, 0.5, 1):
        node = await rig.server.look()
        replica = await rig.server.replica_of(node)
        await promote(rig, replica)
        await until("a primary that has become a replica", lambda: rig.server.follows(node, replica))
        # Whoever does not know by now that the node has no slots any more cannot know.
        await asyncio.sleep(rig.rng.uniform(0.5, 1))
        await rig.server.forget(node)
        await node.say("CLUSTER", "RESET", "HARD")
        await node.say("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
        await until("another cluster", lambda: rig.server.serves(node))
        await node.say("XADD", "work", "*", "data", "stranger 0 end")
        if rig.crew.present:
            await rig.crew.kill(rig.rng.choice(rig.crew.present))
        await asyncio.sleep(rig.rng.uniform(1, 2))
        await node.say("FLUSHALL")
        await node.say("CLUSTER", "RESET", "HARD")
        await rig.server.join(node, replica)
        await rig.server.follow(node, replica)
        await rig.server.recovered()
