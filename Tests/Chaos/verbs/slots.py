# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the slots of a cluster, key by key, as its own tools do."""

import asyncio
import re
from contextlib import suppress

from redis.exceptions import RedisError

from cluster import SLOT, slot_of, until
from rig import Missing
from verbs.cluster import is_replaced, promote

FLOOR = "{work}:crew:floor"
CRASHING = re.compile(r"7\.2\.[0-6]")


async def wander(rig, seconds):
    """The slot of the stream goes from primary to primary, key by key, with pauses in which its keys are split."""
    async for _ in rig.beats(seconds, 0.3, 1):
        source, target = await ways(rig)
        await mark(rig, SLOT, source, target)
        for key in await source.say("CLUSTER", "GETKEYSINSLOT", SLOT, 100):
            await asyncio.sleep(rig.rng.uniform(0, 0.3))
            await migrate(source, target, key)
        await migrate_rest(SLOT, source, target)
        # Sometimes in the wrong order: until both know, each sends clients to the other.
        order = [source, target] if rig.rng.random() < 0.5 else [target, source]
        await tell(rig, SLOT, target, [*order, target], 0.2)


async def reshard(rig, seconds):
    """The slots of all streams go to the next primary, and on, each at least once."""

    async def move(slot, source, target):
        await mark(rig, slot, source, target)
        await migrate_rest(slot, source, target)
        await tell(rig, slot, target, [target, source])

    await reshard_by(move, rig, seconds)


async def reshard_at_once(rig, seconds):
    """The same by servers that hand over a slot in one step."""
    if not await rig.server.can_hand_over():
        raise Missing("the server cannot hand over a slot in one step")
    await reshard_by(rig.server.hand_over, rig, seconds)


async def reshard_by(move, rig, seconds):
    slots = sorted({slot_of(stream) for stream in rig.settings.names})
    primaries = await rig.server.primaries()
    owners = await rig.server.owners(slots)
    clock = asyncio.get_running_loop()
    end = clock.time() + seconds
    while True:
        for slot in slots:
            source = owners[slot]
            target = owners[slot] = primaries[(primaries.index(source) + 1) % len(primaries)]
            await move(slot, source, target)
            rig.faults += 1
        if clock.time() >= end:
            return


async def split_floor(rig, seconds):
    """The slot is under way all the time, the floor of the group with the target and the stream with the source."""
    await split(rig, seconds, FLOOR)


async def split_stream(rig, seconds):
    """The same the other way round."""
    await split(rig, seconds, "work")


async def split(rig, seconds, key):
    source, target = await ways(rig)
    await mark(rig, SLOT, source, target)
    rig.faults += 1
    await asyncio.sleep(seconds / 3)
    await migrate(source, target, key)
    await asyncio.sleep(seconds * 2 / 3)
    await migrate_rest(SLOT, source, target)
    await tell(rig, SLOT, target, [target, source])


async def take_over_underway(rig, seconds):
    """The replica of the node that takes a slot takes over in the middle, and does not know of the slot. Then its
    operator goes on where the way had ended."""
    async for _ in rig.beats(seconds, 1, 2):
        source, target = await ways(rig)
        await mark(rig, SLOT, source, target)
        for key in rig.rng.choice([[], [FLOOR], ["work"]]):
            await migrate(source, target, key)
        replica = await rig.server.replica_of(target)
        with rig.voiding():
            await promote(rig, replica, "TAKEOVER")
            await asyncio.sleep(rig.rng.uniform(0, 1))
            await until("a source that knows who took over", lambda: is_primary_to(source, replica))
            await mark(rig, SLOT, source, replica)
            await migrate_rest(SLOT, source, replica)
            await tell(rig, SLOT, replica, [replica, source])
        await rig.server.recovered()


async def crash_source(rig, seconds):
    """A server with a fault crashes when it gives away a stream that somebody waits for. Its replica takes over, and the
    operator mends what the crash has left."""
    if not CRASHING.fullmatch(await rig.server.version()):
        raise Missing("only Redis 7.2.0 to 7.2.6 crash when the stream of a blocked read moves")
    async for _ in rig.beats(seconds, 1, 2):
        source, target = await ways(rig)
        await mark(rig, SLOT, source, target)
        with rig.voiding():
            with suppress(RedisError, OSError):
                await migrate(source, target, "work")
            await until("a source that has crashed", lambda: has_crashed(source))
            await until("a replica that took over", lambda: is_replaced(rig, source))
        await mend(rig, await rig.server.look(), target)
        await source.start()
        await rig.server.recovered()


async def has_crashed(node):
    return not node.process.is_running


async def mend(rig, source, target):
    """Leaves the slot with who has taken over, who has the stream, too, and deletes what the target has of it. The target
    does not listen to whose the slot is until it is told."""
    if not await source.control.exists("work"):
        raise RuntimeError("the stream went before the crash")
    await target.say("CLUSTER", "SETSLOT", SLOT, "NODE", rig.server.ids[source])
    await target.say("CLUSTER", "SETSLOT", SLOT, "IMPORTING", rig.server.ids[source])
    await until("a target that serves again", lambda: rig.server.serves(target))
    async with target.control.pipeline(transaction=False) as pipeline:
        pipeline.execute_command("ASKING")
        pipeline.delete("work")
        await pipeline.execute()
    await target.say("CLUSTER", "SETSLOT", SLOT, "STABLE")


async def ways(rig):
    """Where the slot of the stream is, and another primary."""
    source = await rig.server.look()
    return source, rig.rng.choice([node for node in await rig.server.primaries() if node is not source])


async def mark(rig, slot, source, target):
    await target.say("CLUSTER", "SETSLOT", slot, "IMPORTING", rig.server.ids[source])
    await source.say("CLUSTER", "SETSLOT", slot, "MIGRATING", rig.server.ids[target])


async def migrate(source, target, *keys):
    await source.say("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)


async def migrate_rest(slot, source, target):
    while keys := await source.say("CLUSTER", "GETKEYSINSLOT", slot, 100):
        await migrate(source, target, *keys)


async def tell(rig, slot, target, order, longest=0):
    """Tells these nodes whose the slot is, and then the other primaries."""
    others = [node for node in await rig.server.primaries() if node not in order]
    for node in [*order, *others]:
        await node.say("CLUSTER", "SETSLOT", slot, "NODE", rig.server.ids[target])
        await asyncio.sleep(rig.rng.uniform(0, longest))


async def is_primary_to(node, primary):
    """Whether a node takes another one for a primary."""
    for line in (await node.say("CLUSTER", "NODES")).splitlines():
        if line.split()[1].startswith(f"127.0.0.1:{primary.port}@"):
            return "master" in line.split()[2]
    return False
