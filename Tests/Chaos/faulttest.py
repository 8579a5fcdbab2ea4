# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Proves that the faults of the network and of its names happen, and are over afterwards."""

import asyncio
import sys
import tempfile
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from link import REPLIES, REQUESTS
from names import NAME, Names
from proxy import Proxy
from rig import Rig
from scenarios import Settings
from verbs import bodies

# So long nothing must come where nothing can.
SILENCE = 0.3
LOOKUP = f"import socket; socket.getaddrinfo({NAME!r}, 1)"


class Caller:
    """One connection through the proxy."""

    @classmethod
    async def connect(cls, proxy):
        caller = cls()
        caller.reader, caller.writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        return caller

    async def ping(self):
        self.writer.write(b"*2\r\n$4\r\nECHO\r\n$2\r\nme\r\n")
        return await self.reader.readexactly(8) == b"$2\r\nme\r\n"


async def is_silent(awaitable):
    """Whether nothing comes of it for a while."""
    try:
        await asyncio.wait_for(awaitable, SILENCE)
        return False
    except asyncio.TimeoutError:
        return True


@asynccontextmanager
async def echo_server():
    """Sends back the part of a command that is its argument, as `ECHO` does."""
    async def serve(reader, writer):
        with suppress(asyncio.IncompleteReadError):
            while await reader.readexactly(14):
                writer.write(await reader.readexactly(8))
        writer.close()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def check_losses(rng):
    async with echo_server() as port, Proxy(port, rng) as proxy:
        for directions in ((REQUESTS,), (REPLIES,), (REQUESTS, REPLIES)):
            caller = await Caller.connect(proxy)
            assert await caller.ping(), "the proxy does not pass on what it should"
            async with proxy.losing(*directions):
                assert await is_silent(caller.ping()), f"{directions} are not lost"
                late = await Caller.connect(proxy)
                assert await is_silent(late.ping()), f"{directions} are not lost from the start"
            assert await is_silent(caller.ping()), "a connection that lost something is of use again"
            assert await (await Caller.connect(proxy)).ping(), "what is lost once is lost for ever"
        async with proxy.losing(connects=True):
            assert await is_silent(Caller.connect(proxy)), "a connection is made while packets that connect are lost"
            late = asyncio.ensure_future(Caller.connect(proxy))
            await asyncio.sleep(SILENCE)
        assert await (await late).ping(), "who tries on is not let in"
        caller = await Caller.connect(proxy)
        async with proxy.holding():
            answer = asyncio.ensure_future(caller.ping())
            assert await is_silent(asyncio.shield(answer)), "packets are not held"
        assert await answer, "packets that were held do not arrive"


async def check_names():
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        names = Names(folder)
        await names.prepare()

        async def look_up():
            return await asyncio.create_subprocess_exec(
                sys.executable, "-c", LOOKUP, env=names.environment, stderr=asyncio.subprocess.DEVNULL)
        assert await (await look_up()).wait() == 0, "the name is unknown from the start"
        with names.saying("unknown"):
            assert await (await look_up()).wait() != 0, "the name is never unknown"
        with names.saying("silent"):
            process = await look_up()
            assert await is_silent(process.wait()), "the name is never looked up in vain"
        assert await process.wait() == 0, "the name is looked up in vain for ever"


async def check_buffers(program, rng):
    async with Rig(program, Settings(workers=0, rate=0, proxied=True), rng) as rig:
        await rig.server.control.xadd("work", {"data": "x" * (1 << 20)})
        async with bodies.limited(rig):
            client = Redis(port=rig.server.port, username="app", password="secret", retry=None)
            try:
                await client.xrange("work")
                raise AssertionError("a large reply comes in spite of the limit")
            except RedisError:
                pass
            finally:
                await client.aclose()


async def check_faults(program, rng):
    await check_losses(rng)
    await check_names()
    await check_buffers(program, rng)
