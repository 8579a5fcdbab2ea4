# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the nodes of a cluster and to its slots."""

import asyncio
from contextlib import suppress

from redis.exceptions import RedisError, ResponseError

from cluster import SLOT, until


async def fail_over(rig, seconds):
    """CLUSTER FAILOVER: the primary agrees, so nothing is lost."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        if replica := await rig.server.replica_of(primary):
            await promote(rig, replica)
        await rig.server.recovered()


async def take_over(rig, seconds):
    """CLUSTER FAILOVER TAKEOVER: nobody is asked, and what the replica did not have yet is lost."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        if replica := await rig.server.replica_of(primary):
            with rig.voiding():
                await promote(rig, replica, "TAKEOVER")
        await rig.server.recovered()


async def kill(rig, seconds):
    """kill -9 of the primary; a replica takes over, and it comes back as its replica."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        with rig.voiding():
            await primary.kill()
            await until("a replica that took over", lambda: is_another(rig, primary))
        await primary.start()
        await rig.server.recovered()


async def freeze(rig, seconds):
    """SIGSTOP of the primary, for less than the nodes bear and for more."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        with rig.voiding():
            primary.process.freeze()
            try:
                await asyncio.sleep(rig.rng.uniform(0.5, 5))
            finally:
                primary.process.thaw()
        await rig.server.recovered()


async def move_slot(rig, seconds):
    """The slot of the stream goes from primary to primary, key by key, with pauses in which its keys are split."""
    async for _ in rig.beats(seconds, 0.3, 1):
        source = await rig.server.look()
        target = rig.rng.choice([node for node in await rig.server.primaries() if node is not source])
        await target.say("CLUSTER", "SETSLOT", SLOT, "IMPORTING", rig.server.ids[source])
        await source.say("CLUSTER", "SETSLOT", SLOT, "MIGRATING", rig.server.ids[target])
        while keys := await source.say("CLUSTER", "GETKEYSINSLOT", SLOT, 100):
            for key in keys:
                await asyncio.sleep(rig.rng.uniform(0, 0.3))
                await source.say("MIGRATE", "127.0.0.1", target.port, key, 0, 5000)
        await tell(rig, source, target)


async def tell(rig, source, target):
    """Tells all primaries whose the slot is, each a moment after the other, sometimes in the wrong order."""
    others = [node for node in await rig.server.primaries() if node not in (source, target)]
    order = [source, target] if rig.rng.random() < 0.5 else [target, source]
    for node in [*order, target, *others]:
        await node.say("CLUSTER", "SETSLOT", SLOT, "NODE", rig.server.ids[target])
        await asyncio.sleep(rig.rng.uniform(0, 0.2))


async def close_clients(rig, seconds):
    """CLIENT KILL of every connection of the application, on one node after the other."""
    async for _ in rig.beats(seconds, 0.2, 0.8):
        for node in rig.server.present:
            with suppress(RedisError, OSError, ResponseError):
                await node.say("CLIENT", "KILL", "USER", "app")


async def promote(rig, replica, *how):
    """Lets a replica take over, again if nothing came of it: the nodes give up after five seconds."""
    clock = asyncio.get_running_loop()
    told = None

    async def has_taken_over():
        nonlocal told
        if await rig.server.look() is replica:
            return True
        if told is None or clock.time() > told + 6:
            told = clock.time()
            await replica.say("CLUSTER", "FAILOVER", *how)
        return False

    await until("a replica that took over", has_taken_over)


async def is_another(rig, node):
    return await rig.server.look() not in (None, node)
