# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Large bodies, and what they meet."""

import asyncio
from contextlib import asynccontextmanager

MIB = 1 << 20


async def large(rig, seconds):
    """Bodies of 64 KiB to 2 MiB, some ten a second."""
    async with rig.large_bodies(10, 2 * MIB):
        await asyncio.sleep(seconds)
        rig.faults += 1


async def small_buffers(rig, seconds):
    """The server ends a connection that it owes more than 256 KiB, and sixty bodies of 64 KiB wait."""
    async with limited(rig):
        async for _ in rig.beats(seconds, 0.5, 1):
            await rig.publish([10] * 60, size=64 << 10)
            # Workers have to find out how much they may ask for, and pause between.
            await asyncio.sleep(seconds / 3)


async def changing_buffers(rig, seconds):
    """The same limit comes and goes, with bodies of which some are larger."""
    async with rig.large_bodies(10, MIB):
        async for _ in rig.beats(seconds, 0.5, 1.5):
            async with limited(rig):
                await rig.publish([10] * 20, size=64 << 10)
                await asyncio.sleep(rig.rng.uniform(0.3, 2))


@asynccontextmanager
async def limited(rig):
    """A limit to what the server owes to a client."""
    await rig.server.control.config_set("client-output-buffer-limit", "normal 256kb 0 0")
    try:
        yield
    finally:
        await rig.server.control.config_set("client-output-buffer-limit", "normal 0 0 0")
