# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the user that the application has."""

import asyncio

from server import PASSWORD

RIGHTS = ["+xadd", "+xreadgroup", "+xack", "+xclaim", "+xpending", "+evalsha", "+eval", "+zadd", "+hset"]


async def take_right(rig, seconds):
    """A right is taken away and given back."""
    async for _ in rig.beats(seconds, 0.5, 1.5):
        right = rig.rng.choice(RIGHTS)
        await rig.server.control.execute_command("ACL", "SETUSER", "app", right.replace("+", "-"))
        try:
            await asyncio.sleep(rig.rng.uniform(0.3, 2))
        finally:
            await rig.server.control.execute_command("ACL", "SETUSER", "app", right)


async def change_password(rig, seconds):
    """The password is changed, connections end, and the old one comes back."""
    control = rig.server.control
    async for _ in rig.beats(seconds, 0.5, 1.5):
        await control.execute_command("ACL", "SETUSER", "app", "resetpass", ">another")
        await control.execute_command("CLIENT", "KILL", "USER", "app")
        try:
            await asyncio.sleep(rig.rng.uniform(0.3, 2))
        finally:
            await control.execute_command("ACL", "SETUSER", "app", "resetpass", ">" + PASSWORD)
