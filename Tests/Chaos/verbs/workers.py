# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to workers."""

import asyncio


async def calm(rig, seconds):
    """Nothing."""
    await asyncio.sleep(seconds)


async def kill(rig, seconds):
    """kill -9, one worker after the other."""
    async for _ in rig.beats(seconds, 0.3, 0.9):
        if rig.crew.present:
            await rig.crew.kill(rig.rng.choice(rig.crew.present))


async def kill_publisher(rig, seconds):
    """kill -9 of who publishes; nobody knows what became of what it was about."""
    async for _ in rig.beats(seconds, 0.2, 0.6):
        if rig.publishers.present:
            await rig.publishers.kill(rig.publishers.present[0])


async def storm(rig, seconds):
    """kill -9 every 100 ms, of whoever has worked longest, as often as asked."""
    while rig.crew.kills < rig.settings.kills:
        await asyncio.sleep(0.1)
        if present := rig.crew.present:
            await rig.crew.kill(min(present, key=lambda worker: worker.started))
            rig.faults += 1


async def freeze(rig, seconds):
    """SIGSTOP and SIGCONT, for less than the visibility timeout and for more."""
    async for _ in rig.beats(seconds, 0.2, 0.6):
        if not rig.crew.present:
            continue
        worker = rig.rng.choice(rig.crew.present)
        rig.crew.freeze(worker)
        try:
            await asyncio.sleep(rig.rng.uniform(0.2, 2.5 * rig.settings.visibility / 1000))
        finally:
            rig.crew.thaw(worker)


async def terminate(rig, seconds):
    """SIGTERM at any moment; what was not begun is handed back."""
    async for _ in rig.beats(seconds, 0.3, 0.9):
        if rig.crew.present:
            await rig.crew.terminate(rig.rng.choice(rig.crew.present))
