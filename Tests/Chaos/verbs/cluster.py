# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the nodes of a cluster."""

import asyncio
from contextlib import suppress

from redis.exceptions import RedisError

from cluster import NODE_TIMEOUT, slot_of, until

# The seconds for which nodes bear the silence of another one with time to spare.
BEARABLE = 1.5
# The seconds within which nobody votes twice about the same slots. Whoever is asked sooner holds up what writes so long.
VOTES = 2 * NODE_TIMEOUT / 1000


async def fail_over(rig, seconds):
    """CLUSTER FAILOVER: the primary agrees, so nothing is lost."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        if replica := await rig.server.replica_of(primary):
            await promote(rig, replica)
            rig.note_served()
        await asyncio.gather(rig.server.recovered(), asyncio.sleep(VOTES))


async def fail_over_all(rig, seconds):
    """The same in each third of the cluster in turn."""
    clock = asyncio.get_running_loop()
    end = clock.time() + seconds
    while clock.time() < end:
        rested = clock.time() + VOTES
        for primary in await rig.server.primaries():
            if replica := await rig.server.replica_of(primary):
                await promote(rig, replica)
                await until("a primary that has become a replica", lambda: rig.server.follows(primary, replica))
                rig.faults += 1
        await asyncio.sleep(rested - clock.time())


async def take_over(rig, seconds):
    """CLUSTER FAILOVER TAKEOVER: nobody is asked, and what the replica did not have yet is lost."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        if replica := await rig.server.replica_of(primary):
            with rig.voiding():
                await promote(rig, replica, "TAKEOVER")
            rig.note_served()
        await rig.server.recovered()


async def kill(rig, seconds):
    """kill -9 of the primary; a replica takes over, and it comes back as its replica."""
    async for _ in rig.beats(seconds, 1, 2):
        await disturb(rig, primary := await victim(rig))
        with rig.voiding():
            await primary.kill()
            await until("a replica that took over", lambda: is_replaced(rig, primary))
        rig.note_served()
        await primary.start()
        await rig.server.recovered()


async def freeze(rig, seconds):
    """SIGSTOP of the primary, for less than the nodes bear and for more."""
    async for _ in rig.beats(seconds, 1, 2):
        await disturb(rig, primary := await victim(rig))
        with rig.voiding():
            primary.process.freeze()
            try:
                await asyncio.sleep(rig.rng.uniform(0.5, 5))
            finally:
                primary.process.thaw()
        await rig.server.recovered()


async def freeze_briefly(rig, seconds):
    """SIGSTOP of one primary, for less than the nodes bear: it accepts connections and answers nothing."""
    async for _ in rig.beats(seconds, 0.5, 1):
        await disturb(rig, primary := await victim(rig))
        primary.process.freeze()
        try:
            await asyncio.sleep(rig.rng.uniform(0.5, 1) * BEARABLE)
        finally:
            primary.process.thaw()


async def close_clients(rig, seconds):
    """CLIENT KILL of every connection of the application, on one node after the other."""
    async for _ in rig.beats(seconds, 0.2, 0.8):
        for node in rig.server.present:
            with suppress(RedisError, OSError):
                await node.say("CLIENT", "KILL", "USER", "app")


async def promote(rig, replica, *how):
    """Lets a replica take over, again if nothing came of it: the nodes give up after five seconds."""
    clock = asyncio.get_running_loop()
    told = None

    async def has_taken_over():
        nonlocal told
        line = await rig.server.own_line(replica)
        if line and "master" in line[2] and len(line) > 8:
            return True
        if told is None or clock.time() > told + 6:
            told = clock.time()
            await replica.say("CLUSTER", "FAILOVER", *how)
        return False

    await until("a replica that took over", has_taken_over)


async def victim(rig):
    """The node that has the first of the streams, and so always the same slots, whoever has taken over."""
    slot = slot_of(rig.settings.names[0])
    await until("a node that has the slot", lambda: owner(rig, slot))
    return await owner(rig, slot)


async def owner(rig, slot):
    return (await rig.server.owners([slot])).get(slot)


async def disturb(rig, node):
    """Takes note of the streams that a node has."""
    homes = await rig.server.homes(rig.settings.names)
    rig.disturbed = {stream for stream, home in homes.items() if home is node.control}


async def is_another(rig, node):
    return await rig.server.look() not in (None, node)


async def is_replaced(rig, node):
    """Whether the slots of a node have another one, and all of them are served."""
    other = await owner(rig, slot_of(rig.settings.names[0]))
    return other not in (None, node) and await rig.server.serves(other)
