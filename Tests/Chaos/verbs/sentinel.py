# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to a primary that Sentinels watch, and to them."""

import asyncio

from cluster import until
from verbs.cluster import is_another


async def fail_over(rig, seconds):
    """SENTINEL FAILOVER; the old primary goes on accepting until it is told."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        with rig.voiding():
            await rig.rng.choice(rig.server.sentinels).say("SENTINEL", "FAILOVER", "main")
            await until("a new primary", lambda: is_another(rig, primary))
        rig.note_served()
        await rig.server.recovered()


async def kill(rig, seconds):
    """kill -9 of the primary; it comes back as a replica."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        with rig.voiding():
            await primary.kill()
            await until("a new primary", lambda: is_another(rig, primary))
        rig.note_served()
        await primary.start()
        await rig.server.recovered()


async def freeze(rig, seconds):
    """SIGSTOP of the primary until another one has taken its place, and a little longer."""
    async for _ in rig.beats(seconds, 1, 2):
        primary = await rig.server.look()
        with rig.voiding():
            primary.process.freeze()
            try:
                await until("a new primary", lambda: is_another(rig, primary))
                rig.note_served()
                await asyncio.sleep(rig.rng.uniform(0, 2))
            finally:
                primary.process.thaw()
        await rig.server.recovered()


async def kill_sentinels(rig, seconds):
    """kill -9 of two Sentinels of three: nobody can fail over, and everything goes on."""
    async for _ in rig.beats(seconds, 0.5, 1):
        victims = rig.rng.sample(rig.server.sentinels, 2)
        for sentinel in victims:
            await sentinel.kill()
        await asyncio.sleep(rig.rng.uniform(0.5, 2))
        for sentinel in victims:
            await sentinel.start()
