# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""A real redis-server on a free port, with the user that the documentation gives to an application."""

import asyncio
import os
import socket
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from processes import ChildProcess

PASSWORD = "secret"
# As in docs/providers.md, for programs without a prefix.
RIGHTS = (
    "resetkeys resetchannels -@all ~work ~{work}:* ~~replies:* ~~streams "
    "+xadd +sadd +xreadgroup +xack +xclaim +xpending +xrange +xlen +xtrim +xdel +exists +type "
    "+xgroup|create +xgroup|setid +xgroup|delconsumer +xinfo|stream +xinfo|groups +xinfo|consumers +object|idletime "
    "+hget +hset +zadd +zrem +zrange +zrangebyscore +zrevrangebyscore +zcard +get +set +del +evalsha +eval +time "
    "+client|id +client|unblock +client|setname +select +ping +info +smembers +srem +scan +xrevrange +xread"
).split()


def free_port():
    """A port that nobody listens to; never the one of a server that may matter to somebody."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            if (port := probe.getsockname()[1]) != 6379:
                return port


class Server:
    """Keeps its data in its folder if it is `durable`, and then has it on disk before it answers."""

    def __init__(self, folder, durable):
        self.folder = os.path.join(folder, "server")
        os.mkdir(self.folder)
        self.durable = durable
        self.port = free_port()
        self.socket = os.path.join(self.folder, "redis.sock")
        self.process = None
        # Never through the proxy, and as a user whose rights nobody takes away.
        self.control = Redis(unix_socket_path=self.socket, decode_responses=True, socket_timeout=20)

    @property
    def log(self):
        return os.path.join(self.folder, "appendonlydir", "appendonly.aof.1.incr.aof")

    async def start(self):
        arguments = [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.socket,
            "--dir", self.folder, "--save", "", "--loglevel", "warning", "--maxmemory-policy", "noeviction",
            # A log that is written anew has another name.
            "--appendonly", "yes" if self.durable else "no", "--appendfsync", "always",
            "--auto-aof-rewrite-percentage", "0",
            "--user", "app", "on", ">" + PASSWORD, *RIGHTS,
        ]
        self.process = await ChildProcess.start(arguments, os.path.join(self.folder, "log"))
        for _ in range(600):
            with suppress(RedisError, OSError):
                await self.control.ping()
                return
            if not self.process.is_running:
                break
            await asyncio.sleep(0.05)
        with open(os.path.join(self.folder, "log")) as log:
            raise RuntimeError("redis-server does not answer: " + log.read()[-2000:])

    async def kill(self):
        """By SIGKILL, so that it has no time to save anything."""
        await self.process.kill()
        await self.control.connection_pool.disconnect()

    async def close(self):
        if self.process is not None:
            await self.process.kill()
        with suppress(RedisError, OSError):
            await self.control.aclose()

    async def denials(self):
        """What the server had to forbid to the application."""
        # The question how large a body may be needs no right: without one the documented default counts, and the page says
        # that the server notes it once.
        return sorted({entry["object"] for entry in await self.control.acl_log()} - {"config|get"})
