# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What the proxy does to which exchange."""

import asyncio
from dataclasses import dataclass, field


class Cut(Exception):
    """The connection ends here."""


class Effect:
    """What becomes of a reply. A refusal answers in the server's place; the command is then not passed on."""

    refusal = None

    async def reply(self, frame, writer, rng):
        raise NotImplementedError


@dataclass
class Delay(Effect):
    """The reply, and what comes behind it, is late."""

    shortest: float
    longest: float

    async def reply(self, frame, writer, rng):
        await asyncio.sleep(rng.uniform(self.shortest, self.longest))
        writer.write(frame)


class CutInside(Effect):
    """The command is done; its sender gets a part of the reply, perhaps none of it, and the connection ends."""

    async def reply(self, frame, writer, rng):
        writer.write(frame[: rng.randrange(len(frame))])
        await writer.drain()
        raise Cut


class Drop(Effect):
    """The command is done, and its sender is told nothing: the connection ends."""

    async def reply(self, frame, writer, rng):
        raise Cut


class Stall(Effect):
    """The command is done, and nothing comes any more on a connection that stays open."""

    async def reply(self, frame, writer, rng):
        await asyncio.Event().wait()


class Slice(Effect):
    """Every byte comes alone, but for the middle of what is long."""

    END = 4096

    async def reply(self, frame, writer, rng):
        place = 0
        while place < len(frame):
            next_place = place + 1 if place < self.END or place >= len(frame) - self.END else len(frame) - self.END
            writer.write(frame[place:next_place])
            await writer.drain()
            if place % 16 == 0:
                await asyncio.sleep(0)
            place = next_place


@dataclass
class Throttle(Effect):
    """The line carries `rate` bytes a second."""

    rate: int
    is_over: bool = False

    async def reply(self, frame, writer, rng):
        part = max(1, self.rate // 50)
        for start in range(0, len(frame), part):
            writer.write(frame[start : start + part])
            await writer.drain()
            # What is long must not be slow for minutes after the line is healed.
            if not self.is_over:
                await asyncio.sleep(min(part, len(frame) - start) / self.rate)


@dataclass
class Refuse(Effect):
    """An error in the place of the reply; the server never sees the command."""

    text: str

    @property
    def refusal(self):
        return b"-" + self.text.encode() + b"\r\n"


@dataclass(eq=False)
class Rule:
    """Which exchanges an effect strikes: those of some commands, each nth of them, or by chance."""

    effect: Effect
    commands: frozenset = frozenset()
    nth: int = 1
    probability: float = 1.0
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def strikes(self, command, rng):
        if self.commands and command not in self.commands:
            return False
        self.seen += 1
        if self.seen % self.nth or rng.random() >= self.probability:
            return False
        self.struck += 1
        return True
