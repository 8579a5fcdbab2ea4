# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the keys of a stream. What this loses is noted in the same step."""

import asyncio

from memory import EARLIER


async def flush(rig, seconds):
    """FLUSHALL."""
    async for _ in rig.beats(seconds, 1.5, 3):
        await rig.forget(["FLUSHALL"])


async def delete(rig, seconds):
    """DEL of the stream."""
    async for _ in rig.beats(seconds, 1, 2):
        await rig.forget(["DEL", "work"])


async def trim(rig, seconds):
    """XTRIM of everything, also of what is pending."""
    async for _ in rig.beats(seconds, 1, 2):
        await rig.forget(["XTRIM", "work", "MAXLEN", 0])


async def change_type(rig, seconds):
    """SET over the stream; a second later the key is freed."""
    async for _ in rig.beats(seconds, 1, 2):
        await rig.forget(["SET", "work", "something else"])
        await asyncio.sleep(rig.rng.uniform(0.2, 1.5))
        await rig.server.control.delete("work")


async def destroy_group(rig, seconds):
    """XGROUP DESTROY: the entries stay, so nothing is lost."""
    async for _ in rig.beats(seconds, 1, 2):
        with rig.voiding():
            await rig.server.control.xgroup_destroy("work", "crew")


async def set_group_forward(rig, seconds):
    """XGROUP SETID to the end: what was not delivered is skipped."""
    async for _ in rig.beats(seconds, 1, 2):
        await rig.forget(["XGROUP", "SETID", "work", "crew", "$"], scope="undelivered")


async def set_group_back(rig, seconds):
    """XGROUP SETID to some entries before what was delivered last; those come again."""
    async for _ in rig.beats(seconds, 1.5, 3):
        with rig.voiding():
            # From the newest entry of all it could be forward, and lose what the group has not had.
            earlier = await rig.server.control.eval_ro(EARLIER, 0, rig.rng.randrange(50, 200))
            if earlier:
                await rig.server.control.xgroup_setid("work", "crew", earlier)


async def drop_indexes(rig, seconds):
    """DEL of what stands beside the stream and may be deleted at any time."""
    async for _ in rig.beats(seconds, 0.2, 0.6):
        await rig.server.control.delete("{work}:crew:due", "{work}:~upkeep:sweep")
        await rig.server.control.hdel("{work}:crew:floor", "guard")
