# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is done to the line between the application and the server, by the proxy."""

import asyncio

from link import REPLIES, REQUESTS
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
    throttle = Throttle(20_000)
    try:
        await under(rig, seconds, Rule(throttle))
    finally:
        throttle.is_over = True


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


async def lose_requests(rig, seconds):
    """What is sent to the server is lost, on connections that stay open."""
    await lose(rig, seconds, REQUESTS)


async def lose_replies(rig, seconds):
    """What the server says is lost, on connections that stay open; what it was asked for it has done."""
    await lose(rig, seconds, REPLIES)


async def lose(rig, seconds, *directions, connects=False):
    async for _ in rig.beats(seconds, 0.5, 1.5):
        async with rig.proxy.losing(*directions, connects=connects):
            await asyncio.sleep(silence(rig))


async def black_hole(rig, seconds):
    """Every packet is lost, those that would connect too."""
    await lose(rig, seconds, REQUESTS, REPLIES, connects=True)


async def unreachable(rig, seconds):
    """Every connection ends, and for a while no other can be made, nor is refused."""
    async for _ in rig.beats(seconds, 0.5, 1.5):
        async with rig.proxy.losing(connects=True):
            rig.proxy.cut_all()
            await asyncio.sleep(silence(rig))


async def hold(rig, seconds):
    """Packets are lost and sent again: all come late, and together."""
    async for _ in rig.beats(seconds, 0.5, 1.5):
        async with rig.proxy.holding():
            await asyncio.sleep(silence(rig))


def silence(rig):
    """For less than the visibility timeout and for more."""
    return rig.rng.uniform(0.2, 2 * rig.settings.visibility / 1000)


async def unknown_name(rig, seconds):
    """Every connection ends, and for a while the server's name is unknown."""
    await without_name(rig, seconds, "unknown")


async def silent_name(rig, seconds):
    """Every connection ends, and for a while nobody says what the server's name stands for."""
    await without_name(rig, seconds, "silent")


async def without_name(rig, seconds, answer):
    async for _ in rig.beats(seconds, 0.5, 1.5):
        with rig.names.saying(answer):
            rig.proxy.cut_all()
            await asyncio.sleep(silence(rig))


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
