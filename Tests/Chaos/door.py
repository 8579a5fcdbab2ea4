# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A listening socket whose network can lose the packets that would connect."""

import asyncio
import socket
from contextlib import suppress

QUEUE = 128
# Linux drops a SYN while the queue of those who wait to be accepted is full; one of length 0 holds one.
FILLING = 3


class Door:
    """Lets clients in, and hands each to `enter`."""

    def __init__(self, enter):
        self.enter = enter
        self.socket = None
        self.porter = None
        self.filling = []

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def open(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=QUEUE)
        self.socket.setblocking(False)
        self.porter = asyncio.ensure_future(self.admit())

    async def close(self):
        await self.leave_alone()
        self.take_filling()
        self.socket.close()

    async def shut(self):
        """Nobody is accepted, and whoever tries to connect hears nothing, not even that it is refused."""
        await self.leave_alone()
        self.socket.listen(0)
        for _ in range(FILLING):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", self.port))
            self.filling.append(client)

    def reopen(self):
        self.take_filling()
        self.socket.listen(QUEUE)
        self.porter = asyncio.ensure_future(self.admit())

    async def admit(self):
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self.socket)
            self.enter(client)

    async def leave_alone(self):
        self.porter.cancel()
        with suppress(asyncio.CancelledError):
            await self.porter

    def take_filling(self):
        for client in self.filling:
            client.close()
        self.filling = []
