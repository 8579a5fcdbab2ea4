# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A proxy that reads RESP both ways and knows which reply answers which command."""

import asyncio
from collections import Counter, deque
from contextlib import suppress

from resp import Frames, is_push, words
from rules import Cut


class Proxy:
    """Stands before a server. Without rules it passes on every byte as it came."""

    def __init__(self, port_of_server, rng):
        self.target = port_of_server
        self.rng = rng
        self.rules = []
        self.commands = Counter()
        self.links = set()
        self.listener = None

    @property
    def port(self):
        return self.listener.sockets[0].getsockname()[1]

    async def __aenter__(self):
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_):
        self.listener.close()
        self.cut_all()
        await asyncio.gather(*self.links, return_exceptions=True)

    def cut_all(self):
        """Ends every connection at once."""
        for link in self.links:
            link.cancel()

    def effect(self, command):
        """What the first rule does that strikes."""
        self.commands[command] += 1
        for rule in self.rules:
            if rule.strikes(command, self.rng):
                return rule.effect
        return None

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.links.add(task)
        try:
            server = await asyncio.open_connection("127.0.0.1", self.target)
            await Link(self, (reader, writer), server).run()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.links.discard(task)
            writer.close()


class Link:
    """One client's way to the server and back."""

    def __init__(self, proxy, client, server):
        self.proxy = proxy
        self.client_reader, self.client_writer = client
        self.server_reader, self.server_writer = server
        # What is to be done with each reply that has not come yet.
        self.owed = deque()
        self.replies = asyncio.Queue()

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
                for frame in frames.feed(chunk):
                    effect = self.proxy.effect(words(frame)[0].decode("latin-1").upper())
                    self.owed.append(effect)
                    if is_refusal(effect):
                        self.refuse()
                    else:
                        self.server_writer.write(frame)
                await self.server_writer.drain()

    async def listen(self):
        """From the server to the client; the link ends once all that came is passed on."""
        frames = Frames()
        with suppress(OSError):
            while chunk := await self.server_reader.read(65536):
                for frame in frames.feed(chunk):
                    self.replies.put_nowait(frame)
        await self.replies.join()

    async def answer(self):
        """Joins each reply to its command, in their order."""
        with suppress(OSError, Cut):
            while frame := await self.replies.get():
                if is_push(frame) or self.owed[0] is None:
                    self.client_writer.write(frame)
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
            self.client_writer.write(self.owed.popleft().refusal)


def is_refusal(effect):
    return effect is not None and effect.refusal is not None
