# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Disturbs real workers on a real server in every way we know, and counts what became of the messages."""

import argparse
import asyncio
import logging
import random
import shutil
import signal
import sys
import time

from report import Report
from rig import Missing
from scenario_run import play
from scenarios import AGE, AGE_ON_CLUSTER, ALL, SCALED, mixture, storm
from selftest import run_self_test
from server import BINARY


# A soak ends after this number of mixtures, which take eighteen days.
MOST_MIXTURES = 100_000


def arguments():
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--worker", required=True, help="the executable CrashWorker")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seconds", type=float, default=6, help="how long the faults of a scenario last")
    parser.add_argument("--kills", type=int, default=1000, help="how many kills the storm has; 0 leaves it out")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="mixtures for so long instead of each verb alone")
    parser.add_argument("--age", type=float, metavar="MINUTES", help="the same workers for so long, and how they grow")
    parser.add_argument("--scaled", action="store_true", help="on a cluster and behind Sentinels instead of one server")
    parser.add_argument("--self-test", action="store_true", help="prove the proxy and the ledger, and nothing else")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser.parse_args()


def scenarios(options):
    """What is to be played, one after the other."""
    if options.age is not None:
        yield AGE_ON_CLUSTER if options.scaled else AGE
        return
    if options.scaled:
        yield from (scenario for scenario in SCALED if options.only in scenario.name)
        return
    if options.soak is None:
        chosen = [*ALL, storm(options.kills)] if options.kills else list(ALL)
        yield from (scenario for scenario in chosen if options.only in scenario.name)
        return
    end = time.monotonic() + options.soak * 60
    rng = random.Random(options.seed)
    for number in range(1, MOST_MIXTURES):
        scenario = mixture(number, rng)
        if time.monotonic() >= end:
            return
        if options.only in scenario.name:
            yield scenario


async def main(options):
    if shutil.which(BINARY) is None:
        sys.exit(f"error: there is no {BINARY} in PATH")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    if not options.only:
        await run_self_test(options.worker, options.seed)
    if options.self_test:
        return 0
    report = Report(options.json)
    print(f"seed {options.seed}", file=sys.stderr if options.json else sys.stdout, flush=True)
    report.begin()
    try:
        for scenario in scenarios(options):
            announce(scenario.name)
            seconds = options.seconds if options.age is None else options.age * 60
            try:
                outcome = await play(options.worker, scenario, options.seed, seconds)
            except Missing as what:
                announce("")
                report.skip(scenario, what)
                continue
            announce("")
            report.add(outcome)
    finally:
        # Whoever interrupts a long run wants to know what it came to.
        code = report.end()
    return code


def announce(text):
    """Says on a terminal what is being played."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # That somebody is written to who has gone is what the proxy is for.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    try:
        sys.exit(asyncio.run(main(arguments())))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
