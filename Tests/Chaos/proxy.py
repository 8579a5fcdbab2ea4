# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A proxy that reads RESP both ways, alters what it is told to, and loses what it is told to."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager

from door import Door
from link import Link


class Proxy:
    """Stands before a server. Without rules it passes on every byte as it came."""

    def __init__(self, port_of_server, rng):
        self.target = port_of_server
        self.rng = rng
        self.rules = []
        self.commands = Counter()
        self.links = {}
        self.lost = frozenset()
        self.flow = asyncio.Event()
        self.flow.set()
        self.door = Door(self.enter)

    @property
    def port(self):
        return self.door.port

    async def __aenter__(self):
        self.door.open()
        return self

    async def __aexit__(self, *_):
        await self.door.close()
        self.cut_all()
        await asyncio.gather(*self.links, return_exceptions=True)

    def cut_all(self):
        """Ends every connection at once."""
        for task in self.links:
            task.cancel()

    @asynccontextmanager
    async def losing(self, *directions, connects=False):
        """Whatever is sent meanwhile is lost, and perhaps whatever would connect. A connection stays open and is never
        of use again, since nobody sends once more what was lost of it."""
        self.lost = frozenset(directions)
        for link in self.links.values():
            link.lost |= self.lost
        if connects:
            await self.door.shut()
        try:
            yield
        finally:
            self.lost = frozenset()
            if connects:
                self.door.reopen()

    @asynccontextmanager
    async def holding(self):
        """Whatever is sent meanwhile arrives afterwards, as when lost packets are sent again."""
        self.flow.clear()
        try:
            yield
        finally:
            self.flow.set()

    def effect(self, command):
        """What the first rule does that strikes."""
        self.commands[command] += 1
        for rule in self.rules:
            if rule.strikes(command, self.rng):
                return rule.effect
        return None

    def enter(self, client):
        """Takes in a client's socket."""
        link = Link(self)
        task = asyncio.ensure_future(link.serve(client))
        self.links[task] = link
        task.add_done_callback(self.links.pop)
