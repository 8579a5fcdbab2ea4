# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is played: one scenario for each verb, and mixtures of them."""

from dataclasses import dataclass, fields, replace

from verbs import age, bodies, cluster, line, nodes, operator, rights, sentinel, server, slots, state, workers

NONE, IN_FLIGHT, ANY = "none", "in flight", "any"
REPORTED, LOST = "reported", "lost"


@dataclass(frozen=True)
class Settings:
    """How a rig is set up. Times are in milliseconds, `drain` in seconds, rates in messages a second; `named` says that
    the server is found by a name. The `place` is one server, a cluster, or what Sentinels watch. The messages go to
    `work`, or to a number of `streams`; a publish waits for a number of `replicas`."""

    place: str = "server"
    durable: bool = True
    proxied: bool = False
    named: bool = False
    streams: int = 0
    replicas: int = 0
    workers: int = 3
    visibility: int = 1500
    concurrency: int = 8
    prefetch: int = 16
    rate: int = 150
    longest: int = 100
    retry: int = 200
    drain: int = 12
    timeout: int = 2000
    kills: int = 0
    role: tuple = ()

    @property
    def names(self):
        """The streams that are published to."""
        return [f"side.{number}" for number in range(self.streams)] or ["work"]

    @property
    def selections(self):
        """What workers of this role handle."""
        return ["work", "side.*"] if "wide" in self.role else ["work"]


@dataclass(frozen=True)
class Bounds:
    """What publishers and handlers may notice, in milliseconds: how long 99 of 100 publishes take, the longest one, and
    the longest one to a stream to which nothing is done; how soon publishing goes on once the servers can. Whether a
    publish may fail, and how many leases may be lost."""

    p99: int | None = None
    longest: int | None = None
    elsewhere: int | None = None
    resumed: int | None = None
    may_fail: bool = True
    leases: int | None = None


@dataclass(frozen=True)
class Scenario:
    """Verbs that are played one after the other in a track, tracks side by side, and what may come of it.

    `duplicates` says which messages may be handled twice; `forgets` whether the server is made to forget, or forgets by
    itself what a replica did not have when it took over; `forbids`
    whether it takes rights away: then workers that start may end by themselves, and its log of denials has lines.
    `orphans` says what may become of what a deleted consumer had: it may be reported as missing, or lost with a worker
    that is killed. `cuts_off` says whether workers may have to end while there is no server: with 1, but in time.
    `patience` is how many milliseconds a message may wait for its handler. The faults last for at least `seconds`.
    """

    name: str
    tracks: tuple
    settings: Settings = Settings()
    duplicates: str = ANY
    forgets: bool = False
    forbids: bool = False
    orphans: str = NONE
    cuts_off: bool = False
    patience: int | None = None
    bounds: Bounds = Bounds()
    seconds: float = 0


EXPECTATIONS = {field.name for field in fields(Scenario)}


def single(name, verb, duplicates=ANY, **more):
    """A scenario of one verb; what is not expected of it is how it is set up."""
    expected = {key: more.pop(key) for key in more.keys() & EXPECTATIONS}
    return Scenario(name, ((verb,),), Settings(**more), duplicates, **expected)


def forgetful(name, verb, **settings):
    """Handlers that are a little slower than the publisher, so that there is something to forget."""
    return single(name, verb, forgets=True, longest=320, **settings)


def on_line(name, verb, duplicates=ANY, **more):
    return single(name, verb, duplicates, proxied=True, **more)


def occupied(concurrency, prefetch):
    """Handlers that take long in all lanes but one, and nobody else who could take what waits."""
    return single(
        f"workers: {concurrency}/{prefetch} busy", workers.occupy, NONE, concurrency=concurrency, prefetch=prefetch,
        workers=1, rate=0, patience=1000)


ALL = (
    single("calm", workers.calm, NONE),
    on_line("calm behind the proxy", workers.calm, NONE),
    single("workers: kill -9", workers.kill, IN_FLIGHT),
    single("workers: publisher killed", workers.kill_publisher, NONE),
    single("workers: SIGSTOP", workers.freeze),
    single("workers: SIGTERM", workers.terminate, NONE),
    on_line(
        "workers: SIGTERM, black hole", workers.terminate_unheard, cuts_off=True, drain=3, timeout=30_000,
        role=("served",)),
    occupied(4, 0),
    occupied(20, 0),
    occupied(64, 1),
    single("redis: kill -9, AOF always", server.restart),
    forgetful("redis: kill -9, AOF cut", server.restart_with_cut_tail),
    forgetful("redis: kill -9, no AOF", server.restart_with_nothing, durable=False),
    single("redis: SIGSTOP", server.freeze),
    single("redis: CLIENT PAUSE", server.pause),
    single("redis: CLIENT KILL", server.close_clients, NONE),
    single("redis: SCRIPT FLUSH", server.flush_scripts, NONE),
    single("redis: maxmemory", server.out_of_memory),
    single("redis: output buffers", bodies.small_buffers, visibility=1000, rate=20, patience=4500),
    single("redis: output buffers, now and then", bodies.changing_buffers),
    single("redis: min-replicas", server.too_few_replicas),
    single("redis: read-only", server.read_only),
    forgetful("state: FLUSHALL", state.flush),
    forgetful("state: DEL", state.delete),
    forgetful("state: XTRIM", state.trim),
    forgetful("state: SET over stream", state.change_type),
    single("state: XGROUP DESTROY", state.destroy_group),
    forgetful("state: XGROUP SETID $", state.set_group_forward),
    single("state: XGROUP SETID back", state.set_group_back),
    single("state: DEL of indexes", state.drop_indexes, NONE),
    single("operator: DELCONSUMER ~parked", operator.delete_parked, orphans=REPORTED, retry=1500),
    single("operator: DELCONSUMER of workers", operator.delete_workers, orphans=REPORTED, longest=320),
    forgetful("operator: remakes the stream", operator.remake),
    single("bodies: 64 KiB to 2 MiB", bodies.large, NONE),
    single("rights: taken away", rights.take_right, forbids=True),
    single("rights: password", rights.change_password, forbids=True),
    on_line("line: delay", line.delay, NONE),
    on_line("line: slice", line.slices, NONE),
    on_line("line: throttle", line.throttle, NONE),
    on_line("line: cut", line.cut, NONE),
    on_line("line: cut in a reply", line.cut_inside, NONE),
    on_line("line: reply dropped", line.drop_replies, NONE),
    on_line("line: stall", line.stall),
    on_line("line: requests lost", line.lose_requests),
    on_line("line: replies lost", line.lose_replies),
    on_line("line: black hole", line.black_hole),
    on_line("line: unreachable", line.unreachable),
    on_line("line: late packets", line.hold),
    on_line("line: unknown name", line.unknown_name, named=True),
    on_line("line: silent name", line.silent_name, named=True),
    on_line("line: errors", line.refuse),
)


def on(place, name, verb, duplicates=ANY, **more):
    """A scenario on several servers; of verbs side by side, if there are some."""
    scenario = single(f"{place}: {name}", verb, duplicates, place=place, durable=False, **more)
    return replace(scenario, tracks=tuple((each,) for each in verb)) if isinstance(verb, tuple) else scenario


def on_streams(name, verb, streams, **more):
    """Many streams, whose handlers are quick."""
    return on("cluster", name, verb, streams=streams, role=("wide",), longest=2, **more)


# On more than one server. A failover that nobody agreed to forgets what the replica did not have yet, unless publishes
# wait for it.
SCALED = (
    on("cluster", "calm", workers.calm, NONE),
    on("cluster", "workers killed", workers.kill, IN_FLIGHT),
    on("cluster", "failover", cluster.fail_over, NONE, seconds=15, bounds=Bounds(longest=500, may_fail=False, leases=0)),
    on("cluster", "takeover", cluster.take_over, forgets=True),
    on("cluster", "kill -9", cluster.kill, forgets=True),
    on("cluster", "SIGSTOP", cluster.freeze, forgets=True),
    on("cluster", "CLIENT KILL", cluster.close_clients, NONE),
    on("cluster", "workers and nodes killed", (workers.kill, cluster.kill), forgets=True),
    on("cluster", "takeover, replicated", cluster.take_over, replicas=1),
    on("cluster", "kill -9, replicated", cluster.kill, replicas=1),
    on(
        "cluster", "failover, 3,000 a second", cluster.fail_over, NONE, rate=3000, longest=2, concurrency=64, prefetch=256,
        seconds=15, bounds=Bounds(longest=500, may_fail=False, leases=0)),
    on("cluster", "slot moved", slots.wander),
    on(
        "cluster", "slot split, floor gone", slots.split_floor, NONE, seconds=12, rate=10, longest=3 * 1500,
        bounds=Bounds(may_fail=False, leases=0)),
    on(
        "cluster", "slot split, stream gone", slots.split_stream, NONE, seconds=12, rate=10, longest=3 * 1500,
        bounds=Bounds(may_fail=False, leases=0)),
    on("cluster", "slot moved, takeover", slots.take_over_underway, forgets=True),
    on("cluster", "all nodes replaced", nodes.replace_all),
    on("cluster", "address reused", nodes.reuse_address),
    on_streams(
        "200 streams resharded", slots.reshard, 200, rate=2000, duplicates=NONE, concurrency=64,
        bounds=Bounds(p99=250, may_fail=False, leases=0)),
    on_streams(
        "200 streams handed over", slots.reshard_at_once, 200, rate=2000, duplicates=NONE, concurrency=64,
        bounds=Bounds(p99=100, may_fail=False, leases=0)),
    on("cluster", "slot moved, source crashes", slots.crash_source, forgets=True),
    on_streams("one node of three silent", cluster.freeze_briefly, 24, rate=600, bounds=Bounds(elsewhere=300)),
    on_streams(
        "one node of three killed", cluster.kill, 24, rate=600, forgets=True,
        bounds=Bounds(elsewhere=1500, resumed=1000)),
    on("sentinel", "calm", workers.calm, NONE),
    on("sentinel", "workers killed", workers.kill, IN_FLIGHT),
    on("sentinel", "failover", sentinel.fail_over, forgets=True),
    on("sentinel", "kill -9", sentinel.kill, forgets=True),
    on("sentinel", "SIGSTOP", sentinel.freeze, forgets=True),
    # Both replicas: until it is told, the former primary has the one that did not take its place, which confirms in vain.
    on("sentinel", "failover, replicated", sentinel.fail_over, replicas=2),
    on("sentinel", "kill -9, replicated", sentinel.kill, replicas=1),
    on("sentinel", "Sentinels killed", sentinel.kill_sentinels, NONE),
)


def storm(kills):
    """Kills workers while messages flow, about a hundred messages for each kill."""
    return single(
        f"storm: {kills} kills", workers.storm, IN_FLIGHT, durable=False, workers=4, visibility=1000, concurrency=16,
        prefetch=32, rate=1000, longest=4, kills=kills)


# The same workers for as long as asked, and how big they are each time they have lived through everything.
AGE = on_line("age", age.age, named=True, forgets=True, orphans=REPORTED)

AGE_ON_CLUSTER = on("cluster", "age", age.age_on_cluster, forgets=True)

# What needs settings of its own.
ALONE = (workers.calm, workers.occupy, workers.terminate_unheard)
# What can last until a drain is over.
CUTTING_OFF = (
    line.lose_requests, line.lose_replies, line.black_hole, line.unreachable, line.unknown_name, line.silent_name)


def mixture(number, rng):
    """Up to three verbs for workers, for the server or its state, and for the line, side by side."""
    played = [scenario for scenario in ALL if scenario.settings.durable and scenario.tracks[0][0] not in ALONE]
    tracks, chosen = [], []
    for kinds in (("workers",), ("redis", "state", "rights", "operator", "bodies"), ("line",)):
        choices = [scenario for scenario in played if scenario.name.split(":")[0] in kinds]
        track = rng.sample(choices, rng.randint(0 if tracks else 1, min(3, len(choices))))
        if track:
            tracks.append(tuple(scenario.tracks[0][0] for scenario in track))
            chosen += track
    settings = replace(
        Settings(proxied=True, named=True), workers=rng.randint(1, 4), visibility=rng.choice([500, 1000, 1500, 3000]),
        concurrency=rng.choice([1, 2, 4, 16, 20, 64]), prefetch=rng.choice([0, 1, 8, 16, 64]),
        rate=rng.choice([50, 150, 250]), longest=rng.choice([0, 20, 60]))
    return Scenario(
        f"mixture {number}", tuple(tracks), settings, forgets=any(scenario.forgets for scenario in chosen),
        forbids=any(scenario.forbids for scenario in chosen),
        orphans=LOST if any(scenario.orphans != NONE for scenario in chosen) else NONE,
        cuts_off=any(scenario.tracks[0][0] in CUTTING_OFF for scenario in chosen))
