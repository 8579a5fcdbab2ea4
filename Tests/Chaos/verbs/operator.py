# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What an operator does to consumers and groups who does not know what they are for."""

import json

from memory import REMAKE


async def delete_parked(rig, seconds):
    """XGROUP DELCONSUMER of the owner of what waits for a retry."""
    async for _ in rig.beats(seconds, 0.3, 0.8):
        await rig.orphan("~parked")


async def delete_workers(rig, seconds):
    """XGROUP DELCONSUMER of a worker that holds something."""
    async for _ in rig.beats(seconds, 0.3, 0.8):
        consumers = await rig.server.control.xinfo_consumers("work", "crew")
        holders = [consumer["name"] for consumer in consumers if consumer["pending"] and consumer["name"] != "~parked"]
        if holders:
            await rig.orphan(rig.rng.choice(holders))


async def remake(rig, seconds):
    """Stream and group are deleted and made again in one step, with other messages under the same ids."""
    count = 0
    async for _ in rig.beats(seconds, 0.5, 1.5):
        count += 1
        command = json.dumps(rig.rng.choice([["DEL", "work"], ["FLUSHALL"]]))
        with rig.voiding():
            old, new = await rig.server.control.eval(REMAKE, 0, f"again-{count}-", 50, command)
            rig.forgotten |= set(old)
            for number in new:
                rig.ledger.note(0, "attempted", number)
                rig.ledger.note(0, "acked", number)
