# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the server as a process and by its settings. All of it keeps what was acknowledged, or says what not."""

import asyncio

from memory import cut_tail


async def restart(rig, seconds):
    """kill -9 and restart; everything acknowledged is on disk."""
    async for _ in rig.beats(seconds, 1.5, 3):
        await rig.server.kill()
        await asyncio.sleep(rig.rng.uniform(0, 1))
        await rig.server.start()


async def restart_with_cut_tail(rig, seconds):
    """kill -9, and the last of what it had written is gone, as after a loss of power."""
    async for _ in rig.beats(seconds, 2, 3):
        await rig.server.kill()
        with rig.voiding():
            rig.forgotten |= cut_tail(rig.server.log, rig.rng.randrange(1, 30_000))
            await rig.server.start()


async def restart_with_nothing(rig, seconds):
    """kill -9 of a server that keeps nothing; writes are held up for a moment to know exactly what is lost."""
    async for _ in rig.beats(seconds, 2.5, 4):
        await rig.server.control.execute_command("CLIENT", "PAUSE", 10_000, "WRITE")
        with rig.voiding():
            await rig.tell_unsettled()
            await rig.server.kill()
            await rig.server.start()


async def freeze(rig, seconds):
    """SIGSTOP and SIGCONT, for longer than leases last."""
    async for _ in rig.beats(seconds, 1, 2):
        rig.server.process.freeze()
        try:
            await asyncio.sleep(rig.rng.uniform(0.5, 2 * rig.settings.visibility / 1000))
        finally:
            rig.server.process.thaw()


async def pause(rig, seconds):
    """CLIENT PAUSE, of all commands and of those that write."""
    async for _ in rig.beats(seconds, 1, 2):
        time = rig.rng.randrange(300, 2 * rig.settings.visibility)
        await rig.server.control.execute_command("CLIENT", "PAUSE", time, rig.rng.choice(["ALL", "WRITE"]))
        await asyncio.sleep(time / 1000)


async def out_of_memory(rig, seconds):
    """maxmemory: what would store is refused."""
    await with_setting(rig, seconds, "maxmemory", 1, 0)


async def too_few_replicas(rig, seconds):
    """min-replicas-to-write: what writes is refused."""
    await with_setting(rig, seconds, "min-replicas-to-write", 1, 0)


async def with_setting(rig, seconds, name, bad, good):
    async for _ in rig.beats(seconds, 0.5, 1.5):
        await rig.server.control.config_set(name, bad)
        try:
            await asyncio.sleep(rig.rng.uniform(0.5, 3))
        finally:
            await rig.server.control.config_set(name, good)


async def read_only(rig, seconds):
    """REPLICAOF a server that is not there: connections of blocked readers end, what writes is refused."""
    async for _ in rig.beats(seconds, 0.5, 1.5):
        await rig.server.control.replicaof("127.0.0.1", 1)
        try:
            await asyncio.sleep(rig.rng.uniform(0.5, 3))
        finally:
            await rig.server.control.replicaof("NO", "ONE")


async def close_clients(rig, seconds):
    """CLIENT KILL of every connection of the application."""
    async for _ in rig.beats(seconds, 0.2, 0.8):
        await rig.server.control.execute_command("CLIENT", "KILL", "USER", "app")


async def flush_scripts(rig, seconds):
    """SCRIPT FLUSH."""
    async for _ in rig.beats(seconds, 0.05, 0.2):
        await rig.server.control.script_flush()
