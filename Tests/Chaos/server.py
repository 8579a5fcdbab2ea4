# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Real redis-servers on free ports, with the user that the documentation gives to an application."""

import asyncio
import os
import socket
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

from processes import ChildProcess

PASSWORD = "secret"
BINARY = os.environ.get("STREAMBROKER_TEST_SERVER") or "redis-server"
# As in docs/providers.md, for programs without a prefix.
RIGHTS = (
    "resetkeys resetchannels -@all ~work ~{work}:* ~side.* ~{side.* ~~replies:* ~~streams "
    "+xadd +sadd +xreadgroup +xack +xclaim +xpending +xrange +xlen +xtrim +xdel +exists +type "
    "+xgroup|create +xgroup|setid +xgroup|delconsumer +xinfo|stream +xinfo|groups +xinfo|consumers +object|idletime "
    "+hget +hset +hdel +pexpire +zadd +zrem +zrange +zrangebyscore +zrevrangebyscore +zcard +get +set +del "
    "+evalsha +eval +time "
    "+client|id +client|unblock +client|setname +select +ping +info +smembers +srem +scan +xrevrange +xread"
).split()
# What the same page adds for a cluster, for a primary that Sentinels watch, and for `durability`.
CLUSTER_RIGHTS = "~{~streams#* +cluster|slots +cluster|info +asking +multi +exec +wait".split()
SENTINEL_RIGHTS = ["+role", "+wait"]


def free_port():
    """A port that nobody listens to; never the one of a server that may matter to somebody."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            if (port := probe.getsockname()[1]) != 6379:
                return port


class Server:
    """Keeps its data in its folder if it is `durable`, and then has it on disk before it answers. In `arguments` BUS
    stands for a free port of its own."""

    def __init__(self, folder, durable, name="server", arguments=(), rights=()):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.durable = durable
        self.port = free_port()
        self.bus = free_port()
        self.arguments = [str(self.bus) if word == "BUS" else word for word in arguments]
        self.rights = rights
        self.socket = os.path.join(self.folder, "redis.sock")
        self.process = None
        # Never through the proxy, and as a user whose rights nobody takes away.
        self.control = Redis(unix_socket_path=self.socket, decode_responses=True, socket_timeout=20)

    @property
    def url(self):
        """Where the application finds it."""
        return f"redis://app:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def log(self):
        return os.path.join(self.folder, "appendonlydir", "appendonly.aof.1.incr.aof")

    @property
    def common(self):
        return ["--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.socket, "--dir", self.folder,
                "--loglevel", "warning"]

    @property
    def command(self):
        return [
            BINARY, *self.common, "--save", "", "--maxmemory-policy", "noeviction",
            # A log that is written anew has another name.
            "--appendonly", "yes" if self.durable else "no", "--appendfsync", "always",
            "--auto-aof-rewrite-percentage", "0", *self.arguments,
            "--user", "app", "on", ">" + PASSWORD, *RIGHTS, *self.rights,
        ]

    async def start(self):
        self.process = await ChildProcess.start(self.command, os.path.join(self.folder, "log"))
        for _ in range(600):
            with suppress(RedisError, OSError):
                await self.control.ping()
                return
            if not self.process.is_running:
                break
            await asyncio.sleep(0.05)
        with open(os.path.join(self.folder, "log")) as log:
            raise RuntimeError("redis-server does not answer: " + log.read()[-2000:])

    async def say(self, *words):
        return await self.control.execute_command(*words)

    async def look(self):
        """The only server is where everything is."""
        return self

    async def homes(self, streams):
        """The control of who has each stream."""
        return dict.fromkeys(streams, self.control)

    async def count_keys(self):
        return await self.control.dbsize()

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
        # Two questions need no right, and the page says that the server notes each once: how large a body may be, where
        # the documented default counts without it, and which streams an earlier version knew.
        return sorted({entry["object"] for entry in await self.control.acl_log()} - {"config|get", "streams"})


class Sentinel(Server):
    """Watches a primary that it calls `main`."""

    def __init__(self, folder, name, primary, down_after):
        super().__init__(folder, False, name)
        self.file = os.path.join(self.folder, "sentinel.conf")
        with open(self.file, "w") as file:
            file.write(f"sentinel monitor main 127.0.0.1 {primary} 2\n"
                       f"sentinel down-after-milliseconds main {down_after}\nsentinel failover-timeout main 3000\n")

    @property
    def command(self):
        return [BINARY, self.file, "--sentinel", *self.common]

    async def named(self):
        """The port that it names; None while it names none or does not answer."""
        with suppress(RedisError, OSError):
            if address := await self.say("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"):
                return int(address[1])
        return None

    async def facts(self):
        """What it knows of the primary."""
        # The client library makes a dictionary of it, or leaves it as it is.
        answer = await self.say("SENTINEL", "MASTER", "main")
        return answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2]))
