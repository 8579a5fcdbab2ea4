# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Proves that the proxy alters nothing, and that a message that is lost would be noticed."""

import asyncio
import random
import sys
import tempfile

from account import Account
from faulttest import check_faults
from footprint import SLACK, Footprint, growth
from ledger import Line
from pace import Pace
from proxy import Proxy
from resp import Frames, is_push
from rules import Rule, Slice
from scenario_run import play
from scenarios import IN_FLIGHT, single
from server import Server
from verbs import workers

# Every kind of reply, in both versions of the protocol.
COMMANDS = [
    ["PING"], ["SET", "text", "x" * 300_000], ["GET", "text"], ["GET", "nothing"], ["INCR", "text"], ["INCR", "number"],
    ["ECHO", ""], ["ECHO", "$5\r\n*3\r\n"], ["XADD", "stream", "1-1", "data", "\r\n"], ["XRANGE", "stream", "-", "+"],
    ["XREAD", "STREAMS", "stream", "9-9"], ["MULTI"], ["LRANGE", "list", "0", "-1"], ["HGETALL", "hash"], ["EXEC"],
    ["HELLO", "3"], ["HSET", "hash", "a", "b"], ["HGETALL", "hash"], ["SADD", "set", "a"], ["SMEMBERS", "set"],
    ["ZADD", "sorted", "1.5", "a"], ["ZRANGE", "sorted", "0", "-1", "WITHSCORES"], ["GET", "nothing"], ["NONSENSE"],
    ["CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "text"], ["DEL", "text"], ["ECHO", "last"],
]


def encoded(command):
    return f"*{len(command)}\r\n".encode() + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in command)


async def talk(port, rng, split):
    """Sends all commands in parts of any size; answers every value that came back, byte for byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data, place = b"*1\r\n$8\r\nFLUSHALL\r\n" + b"".join(encoded(command) for command in COMMANDS), 0
    while place < len(data):
        length = rng.randrange(1, split)
        writer.write(data[place : place + length])
        await writer.drain()
        place += length
    answer = b""
    while b"$4\r\nlast\r\n" not in answer or b"invalidate" not in answer:
        answer += await reader.read(65536)
    writer.close()
    # The id of the connection differs; HELLO tells it. When a push comes is the server's affair.
    frames = [b"id" if b"proto" in frame else frame for frame in Frames().feed(answer)]
    return sorted(frames, key=is_push)


async def check_proxy(rng):
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        server = Server(folder, durable=False)
        try:
            await server.start()
            await server.control.execute_command("ACL", "SETUSER", "default", "on", "nopass", "~*", "+@all")
            plain = await talk(server.port, rng, 1_000_000)
            async with Proxy(server.port, rng) as proxy:
                for rules, split in (([], 1_000_000), ([], 5_000), ([Rule(Slice())], 40_000)):
                    proxy.rules = rules
                    assert await talk(proxy.port, rng, split) == plain, "the proxy alters what it passes on"
                assert proxy.commands["ECHO"] == 9, "the proxy misreads commands"
        finally:
            await server.close()


async def check_ledger(program, seed):
    """Each mistake is made in the ledger of a run without any."""
    scenario = single("calm for the self-test", workers.calm)
    outcome = await play(program, scenario, seed, 2, keeping_lines=True)
    lines, account = outcome.lines, outcome.account
    assert outcome.has_passed, outcome.complaints
    victim = sorted(account.acked & account.handled.keys())[0]
    begin = next(line for line in lines if line.event == "begin" and line.words[2] == victim)
    end = next(line for line in lines if line.event == "end" and line.words[2] == victim)
    without = [line for line in lines if line is not end]
    assert Account(without).lost == {victim}, "a message that is lost is not noticed"
    stranger = Line(end.time, end.pid, "end", [end.words[0], "1", "stranger"])
    assert Account([*lines, stranger]).unexpected == {"stranger"}, "a message from nowhere is not noticed"
    denied = [line._replace(event="denied") if line.event == "acked" and line.words[0] == victim else line
              for line in lines]
    assert Account(denied).unexpected == {victim}, "a publisher that was told a lie is not noticed"
    twice = Account([*lines, begin, end])
    assert twice.duplicated == account.duplicated + 1 and twice.unexplained == {victim}, "doubles are not noticed"
    check_rules(lines, account)
    place = lines.index(begin)
    overlapping = [*lines[:place], begin._replace(pid=1), *lines[place:]]
    assert Account(overlapping).overlaps, "overlaps are not noticed"
    for before, is_noticed in ((500, False), (501, True)):
        for pid, event in ((0, "voided"), (begin.pid, "thawed")):
            excuse = Line(begin.time - before, pid, event, ["500"])
            found = Account([excuse, *overlapping]).overlaps
            assert bool(found) == is_noticed, f"{event} excuses what begins for as long as it says, and no longer"


def check_rules(lines, account):
    """What is given up unbegun, comes late, or is told to be missing, as lines of a run without any of that."""
    stored = next(line for line in lines if line.event == "acked" and line.words[0] in account.begins)
    number, entry = stored.words
    unbegun = [line for line in lines if number not in line.words and entry not in line.words[:1]] + [stored]
    assert Account(unbegun, dead={number}).unbegun == {number}, "what is given up unbegun is not noticed"
    early = stored._replace(time=account.begins[number] - 1001)
    late = Account([early if line is stored else line for line in lines]).waited_longer(1000)
    assert number in late and not account.waited_longer(60_000), "what comes late is not noticed"
    missing = Account([*unbegun, stored._replace(event="missing", words=[entry])])
    assert missing.lost == missing.reported == {number}, "what is told to be missing is not noticed"


def check_growth():
    """What grows is noticed, what stays is not."""
    size = Footprint(memory=30_000, descriptors=12, threads=6, consumers=3, keys=4)
    assert not growth([size] * 5), "what stays the same is told to grow"
    for name in Footprint._fields:
        grown = size._replace(**{name: getattr(size, name) + getattr(SLACK, name) + 1})
        assert growth([size, size, grown]), f"{name} may grow unnoticed"
        assert not growth([grown, size, size]), f"{name} may not be more while workers warm up"


def check_pace():
    """What takes long is noticed, and to whom it happened."""
    times = Pace()
    for time, event, *words in (
            (0, "attempted", "a", "side.0"), (0, "attempted", "b", "side.1"), (5, "acked", "b", "side.1/1-0"),
            (30, "served", "side.0"), (40, "acked", "a", "side.0/1-0"), (90, "begin", "side.0/1-0", "1", "a"),
            (95, "attempted", "c", "side.1"), (99, "unknown", "c", "closed")):
        times.take(Line(time, 1, event, list(words)))
    assert (times.publish(0.5), times.publish(1), times.publish(1, {"side.1"})) == (5, 40, 5), "a slow publish is not noticed"
    assert times.wait(1) == 50 and times.wait(1, {"side.1"}) is None, "a message that waits is not noticed"
    assert times.resumed == [10], "it is not noticed when publishing goes on"
    assert times.rate == round(3000 / 95), "the rate is not reckoned"


async def check_hasty_workers(program, seed):
    """Workers that acknowledge before they handle lose what they hold when they are killed."""
    scenario = single("hasty workers", workers.kill, IN_FLIGHT, role=("hasty",))
    outcome = await play(program, scenario, seed, 6)
    assert outcome.account.lost and not outcome.has_passed, "workers that lose messages are not noticed"


async def run_self_test(program, seed):
    await check_proxy(random.Random(seed))
    await check_faults(program, random.Random(seed))
    await check_ledger(program, seed)
    check_growth()
    check_pace()
    await check_hasty_workers(program, seed)
    print("self-test: ok", file=sys.stderr)
