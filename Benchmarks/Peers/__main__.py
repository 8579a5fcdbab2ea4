# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Compares StreamBroker with other libraries that handle messages from Redis, each on one worker process."""

import argparse
import signal
import sys

from contestants import Ours, Peer
from processes import Failure, Server
from report import Report


def arguments():
    parser = argparse.ArgumentParser(prog="bench-peers", description=__doc__)
    parser.add_argument("--bench", required=True, help="the executable Bench")
    parser.add_argument("--messages", type=positive, default=20_000, help="messages that a peer handles in a run")
    parser.add_argument("--runs", type=positive, default=3, help="how often each is measured; the table has the median")
    parser.add_argument("--only", default="", help="peers whose name has this in it")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout; the table goes to stderr")
    return parser.parse_args()


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, not '{text}'")
    return int(text)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def chosen(only):
    peers = [peer for peer in Peer.all() if only in peer.name]
    if not peers:
        names = ", ".join(peer.name for peer in Peer.all())
        print(f"error: no peer has '{only}' in its name; there are {names}", file=sys.stderr)
        sys.exit(2)
    return peers


class Contest:
    """Measures ours and each peer in turn, so that what the machine does meanwhile meets all of them alike."""

    def __init__(self, options):
        self.options = options
        self.ours = Ours(options.bench)
        self.peers = chosen(options.only)
        self.rates = {contestant.name: [] for contestant in [self.ours, *self.peers]}
        self.ratios = {peer.name: [] for peer in self.peers}
        self.has_failed = False

    def without(self, peer, failure):
        """Goes on without a peer."""
        progress("")
        print(f"error: {peer.name} is left out: {failure}", file=sys.stderr)
        self.peers.remove(peer)
        self.has_failed = True

    def install(self):
        for peer in list(self.peers):
            progress(f"installing {peer.name}")
            try:
                peer.install()
            except Failure as failure:
                self.without(peer, f"it could not be installed: {failure}")

    def measure(self, server):
        for number in range(1, self.options.runs + 1):
            for peer in list(self.peers):
                progress(f"run {number} of {self.options.runs}: {peer.name}")
                ours = self.ours.measure(self.options.messages)
                try:
                    rate = peer.measure(server, self.options.messages)
                except Failure as failure:
                    self.without(peer, failure)
                    continue
                self.rates[self.ours.name].append(ours)
                self.rates[peer.name].append(rate)
                self.ratios[peer.name].append(ours / rate)
        progress("")

    def report(self, server):
        report = Report(server, self.options.messages, Ours.share)
        if self.peers:
            report.add(self.ours, self.rates[self.ours.name], [1])
        for peer in self.peers:
            report.add(peer, self.rates[peer.name], self.ratios[peer.name])
        return report


def main(options):
    # Whoever ends this by a signal expects the same as whoever presses Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    contest = Contest(options)
    contest.install()
    with Server() as server:
        contest.measure(server)
        report = contest.report(server)
    print(report.text, file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print(report.json)
    return 1 if contest.has_failed else 0


try:
    sys.exit(main(arguments()))
except Failure as failure:
    sys.exit(f"error: {failure}")
except KeyboardInterrupt:
    progress("")
    sys.exit(130)
