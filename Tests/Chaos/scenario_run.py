# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Plays a scenario: calm, faults, calm, the end of publishing, a full drain, and the account."""

import asyncio
import random
import time
from dataclasses import dataclass

from account import Account
from rig import Rig
from scenarios import LOST
from verdict import verdict

PRELUDE = 1.5
# What was healed has this long to come to rest; a settlement that was refused is sent again after a minute.
DRAIN_LIMIT = 90


@dataclass
class Outcome:
    """What a scenario came to."""

    scenario: object
    seed: str
    account: Account
    lines: list
    faults: int
    kills: int
    exits: list
    denials: list
    drain: float | None
    footprints: list
    disturbed: set
    seconds: float
    complaints: list

    @property
    def has_passed(self):
        return not self.complaints


async def play(program, scenario, seed, seconds, keeping_lines=False):
    """Plays it with a chance that is the same for the same seed."""
    start = time.monotonic()
    seed = f"{seed}:{scenario.name}"
    async with Rig(program, scenario.settings, random.Random(seed)) as rig:
        await asyncio.sleep(PRELUDE)
        lasting = max(seconds, scenario.seconds)
        await asyncio.gather(*(play_track(rig, track, lasting) for track in scenario.tracks))
        await asyncio.sleep(PRELUDE)
        exits = await rig.publishers.end()
        drain = await rig.drained(DRAIN_LIMIT)
        exits += await rig.crew.end()
        exits += [code for crew in rig.crews for code in crew.exits]
        kills = sum(crew.kills for crew in rig.crews)
        forgotten = rig.forgotten | (rig.orphaned if scenario.orphans == LOST else set())
        if scenario.settings.place != "server":
            forgotten |= await vanished(rig)
        account = Account(rig.ledger.lines(), forgotten, await dead_letters(rig))
        lines = list(rig.ledger.lines()) if keeping_lines else []
        denials = await rig.server.denials()
        outcome = Outcome(
            scenario, seed, account, lines, rig.faults, kills, exits, denials, drain, rig.footprints,
            rig.disturbed, 0, [])
    outcome.complaints = verdict(outcome)
    outcome.seconds = time.monotonic() - start
    return outcome


async def play_track(rig, track, seconds):
    for verb in track:
        await verb(rig, seconds / len(track))


async def dead_letters(rig):
    return {
        fields["data"].split()[0]
        for stream, home in (await rig.server.homes(rig.settings.names)).items()
        for _, fields in await home.xrange(f"{{{stream}}}:dead")}


def named(entry, stream):
    """How workers call an entry in the ledger."""
    return entry if stream == "work" else f"{stream}/{entry}"


async def vanished(rig):
    """What was acknowledged and is not in the stream any more: the servers lost it in a failover. Nobody else deletes."""
    entries = {
        named(entry, stream)
        for stream, home in (await rig.server.homes(rig.settings.names)).items()
        for entry, _ in await home.xrange(stream)}
    stored = Account(rig.ledger.lines()).stored
    return {number for number, (_, entry) in stored.items() if entry not in entries}
