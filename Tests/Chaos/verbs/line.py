# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the line between the application and the server, by the proxy."""

import asyncio

from rules import CutInside, Delay, Drop, Refuse, Rule, Slice, Stall, Throttle

WRITES = frozenset({"XADD", "EVALSHA", "EVAL", "XREADGROUP"})


async def under(rig, seconds, *rules):
    """Lets rules hold for a while."""
    rig.proxy.rules += rules
    try:
        await asyncio.sleep(seconds)
    finally:
        rig.proxy.rules = [rule for rule in rig.proxy.rules if rule not in rules]
        rig.faults += sum(rule.struck for rule in rules)


async def delay(rig, seconds):
    """Every reply is late by 5 to 60 ms."""
    await under(rig, seconds, Rule(Delay(0.005, 0.06)))


async def slices(rig, seconds):
    """Every byte comes alone."""
    await under(rig, seconds, Rule(Slice()))


async def throttle(rig, seconds):
    """Replies share no more than 20 kB a second on each connection."""
    await under(rig, seconds, Rule(Throttle(20_000)))


async def cut(rig, seconds):
    """Every connection ends at once, now and then."""
    async for _ in rig.beats(seconds, 0.2, 0.8):
        rig.proxy.cut_all()


async def cut_inside(rig, seconds):
    """Connections end in the middle of a reply."""
    await under(rig, seconds, Rule(CutInside(), probability=0.02))


async def drop_replies(rig, seconds):
    """The server has done it, and the connection ends without a reply."""
    await under(rig, seconds, Rule(Drop(), WRITES, probability=0.04))


async def stall(rig, seconds):
    """The server has done it, and nothing comes any more on a connection that stays open."""
    await under(rig, seconds, Rule(Stall(), WRITES, nth=150))


async def refuse(rig, seconds):
    """Errors in the server's place, each of which another state of a server gives."""
    errors = [
        Refuse("LOADING Redis is loading the dataset in memory"),
        Refuse("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."),
        Refuse("OOM command not allowed when used memory > 'maxmemory'."),
        Refuse("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."),
        Refuse("NOREPLICAS Not enough good replicas to write."),
        Refuse("READONLY You can't write against a read only replica."),
    ]
    scripts = Rule(Refuse("NOSCRIPT No matching script."), frozenset({"EVALSHA"}), probability=0.03)
    await under(rig, seconds, scripts, *(Rule(error, WRITES, probability=0.01) for error in errors))
