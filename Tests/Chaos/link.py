# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A connection through the proxy, which knows which reply answers which command."""

import asyncio
from collections import deque
from contextlib import suppress

from resp import Frames, is_push, words
from rules import Cut

REQUESTS, REPLIES = "requests", "replies"
# The seconds for which one side of a lost connection does not learn that the other one has closed it.
UNHEARD = 10


class Link:
    """One client's way to the server and back."""

    def __init__(self, proxy):
        self.proxy = proxy
        # The directions in which nothing arrives.
        self.lost = proxy.lost
        # What is to be done with each reply that has not come yet.
        self.owed = deque()
        self.replies = asyncio.Queue()

    async def serve(self, client):
        with suppress(OSError, asyncio.CancelledError):
            self.client_reader, self.client_writer = await asyncio.open_connection(sock=client)
            try:
                server = await asyncio.open_connection("127.0.0.1", self.proxy.target)
                self.server_reader, self.server_writer = server
                await self.run()
            finally:
                self.client_writer.close()

    async def run(self):
        tasks = [asyncio.ensure_future(part()) for part in (self.ask, self.listen, self.answer)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.server_writer.close()

    async def ask(self):
        """From the client to the server."""
        frames = Frames()
        with suppress(OSError):
            while chunk := await self.client_reader.read(65536):
                await self.proxy.flow.wait()
                if REQUESTS in self.lost:
                    continue
                for frame in frames.feed(chunk):
                    effect = self.proxy.effect(words(frame)[0].decode("latin-1").upper())
                    self.owed.append(effect)
                    if is_refusal(effect):
                        self.refuse()
                    else:
                        self.server_writer.write(frame)
                await self.server_writer.drain()
        if REQUESTS in self.lost:
            await asyncio.sleep(UNHEARD)

    async def listen(self):
        """From the server to the client; the link ends once all that came is passed on."""
        frames = Frames()
        with suppress(OSError):
            while chunk := await self.server_reader.read(65536):
                for frame in frames.feed(chunk):
                    self.replies.put_nowait(frame)
        await self.replies.join()
        if REPLIES in self.lost:
            await asyncio.sleep(UNHEARD)

    async def answer(self):
        """Joins each reply to its command, in their order."""
        with suppress(OSError, Cut):
            while frame := await self.replies.get():
                await self.proxy.flow.wait()
                if is_push(frame) or self.owed[0] is None or REPLIES in self.lost:
                    self.tell(frame)
                else:
                    await self.owed[0].reply(frame, self.client_writer, self.proxy.rng)
                if not is_push(frame):
                    self.owed.popleft()
                self.refuse()
                await self.client_writer.drain()
                self.replies.task_done()

    def refuse(self):
        """Answers in the server's place what is owed next."""
        while self.owed and is_refusal(self.owed[0]):
            self.tell(self.owed.popleft().refusal)

    def tell(self, frame):
        if REPLIES not in self.lost:
            self.client_writer.write(frame)


def is_refusal(effect):
    return effect is not None and effect.refusal is not None
