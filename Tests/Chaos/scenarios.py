# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What is played: one scenario for each verb, and mixtures of them."""

from dataclasses import dataclass, replace

from verbs import age, line, rights, server, state, workers

NONE, IN_FLIGHT, ANY = "none", "in flight", "any"


@dataclass(frozen=True)
class Settings:
    """How a rig is set up. Times are in milliseconds, rates in messages a second."""

    durable: bool = True
    proxied: bool = False
    workers: int = 3
    visibility: int = 1500
    concurrency: int = 8
    prefetch: int = 16
    rate: int = 150
    longest: int = 100
    kills: int = 0
    role: tuple = ()


@dataclass(frozen=True)
class Scenario:
    """Verbs that are played one after the other in a track, tracks side by side, and what may come of it.

    `duplicates` says which messages may be handled twice; `forgets` whether the server is made to forget; `forbids`
    whether it takes rights away: then workers that start may end by themselves, and its log of denials has lines.
    """

    name: str
    tracks: tuple
    settings: Settings = Settings()
    duplicates: str = ANY
    forgets: bool = False
    forbids: bool = False


def single(name, verb, duplicates=ANY, forgets=False, forbids=False, **settings):
    return Scenario(name, ((verb,),), Settings(**settings), duplicates, forgets, forbids)


def forgetful(name, verb, **settings):
    """Handlers that are a little slower than the publisher, so that there is something to forget."""
    return single(name, verb, forgets=True, longest=320, **settings)


def on_line(name, verb, duplicates=ANY):
    return single(name, verb, duplicates, proxied=True)


ALL = (
    single("calm", workers.calm, NONE),
    on_line("calm behind the proxy", workers.calm, NONE),
    single("workers: kill -9", workers.kill, IN_FLIGHT),
    single("workers: publisher killed", workers.kill_publisher, NONE),
    single("workers: SIGSTOP", workers.freeze),
    single("workers: SIGTERM", workers.terminate, NONE),
    single("redis: kill -9, AOF always", server.restart),
    forgetful("redis: kill -9, AOF cut", server.restart_with_cut_tail),
    forgetful("redis: kill -9, no AOF", server.restart_with_nothing, durable=False),
    single("redis: SIGSTOP", server.freeze),
    single("redis: CLIENT PAUSE", server.pause),
    single("redis: CLIENT KILL", server.close_clients, NONE),
    single("redis: SCRIPT FLUSH", server.flush_scripts, NONE),
    single("redis: maxmemory", server.out_of_memory),
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
    single("rights: taken away", rights.take_right, forbids=True),
    single("rights: password", rights.change_password, forbids=True),
    on_line("line: delay", line.delay, NONE),
    on_line("line: slice", line.slices, NONE),
    on_line("line: throttle", line.throttle, NONE),
    on_line("line: cut", line.cut, NONE),
    on_line("line: cut in a reply", line.cut_inside, NONE),
    on_line("line: reply dropped", line.drop_replies, NONE),
    on_line("line: stall", line.stall),
    on_line("line: errors", line.refuse),
)


def storm(kills):
    """So many kills while messages flow, about a hundred for each kill."""
    return single(
        f"storm: {kills} kills", workers.storm, IN_FLIGHT, durable=False, workers=4, visibility=1000, concurrency=16,
        prefetch=32, rate=1000, longest=4, kills=kills)


# The same workers for as long as asked, and how big they are each time they have lived through everything.
AGE = on_line("age", age.age)


def mixture(number, rng):
    """Up to three verbs for workers, for the server or its state, and for the line, side by side."""
    played = [scenario for scenario in ALL if scenario.settings.durable and scenario.tracks != ((workers.calm,),)]
    tracks, chosen = [], []
    for kinds in (("workers",), ("redis", "state", "rights"), ("line",)):
        choices = [scenario for scenario in played if scenario.name.split(":")[0] in kinds]
        track = rng.sample(choices, rng.randint(0 if tracks else 1, min(3, len(choices))))
        if track:
            tracks.append(tuple(scenario.tracks[0][0] for scenario in track))
            chosen += track
    settings = replace(
        Settings(proxied=True), workers=rng.randint(1, 4), visibility=rng.choice([500, 1000, 1500, 3000]),
        concurrency=rng.choice([1, 4, 16]), prefetch=rng.choice([0, 8, 64]), rate=rng.choice([50, 150, 250]),
        longest=rng.choice([0, 20, 60]))
    return Scenario(
        f"mixture {number}", tuple(tracks), settings, forgets=any(scenario.forgets for scenario in chosen),
        forbids=any(scenario.forbids for scenario in chosen))
