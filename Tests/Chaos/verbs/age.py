# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What workers live through that are never killed."""

import asyncio

from footprint import footprint

from verbs import bodies, cluster, line, operator, server, slots, state

SPELL = 5
REST = 3
SPELLS = (
    line.cut, line.cut_inside, line.drop_replies, line.delay, line.stall, line.refuse, server.close_clients,
    server.flush_scripts, server.out_of_memory, server.read_only, server.restart, state.destroy_group,
    state.drop_indexes, line.lose_requests, line.lose_replies, line.black_hole, line.unreachable, line.hold,
    line.unknown_name, line.silent_name, bodies.changing_buffers, operator.delete_parked, operator.delete_workers,
    operator.remake,
)


# On a cluster.
SPELLS_OF_CLUSTER = (cluster.fail_over_all,) * 3 + (slots.wander, cluster.kill, cluster.close_clients)


async def age(rig, seconds):
    """Faults of every kind that processes outlive, one after the other, all of them again and again."""
    await live_through(SPELLS, rig, seconds)


async def age_on_cluster(rig, seconds):
    """The same on a cluster: mostly failovers."""
    await live_through(SPELLS_OF_CLUSTER, rig, seconds)


async def live_through(spells, rig, seconds):
    clock = asyncio.get_running_loop()
    end = clock.time() + seconds
    while clock.time() < end:
        for spell in spells:
            await spell(rig, SPELL)
            await asyncio.sleep(REST)
        await rig.drained(60)
        rig.footprints.append(await footprint(rig))
