# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What the worker of every peer shares: it enqueues messages, or handles them and says how long that took.

    python peer_arq.py redis://127.0.0.1:20123/0 enqueue 20000
    python peer_arq.py redis://127.0.0.1:20123/0 handle 20000
"""

import itertools
import json
import os
import sys
import threading
import time
from importlib.metadata import version

BODY = "x" * 100
# How many messages a worker handles at the same time, where it has such a setting.
CONCURRENCY = 16
# How many messages it asks Redis for at once, where it has such a setting.
READ = 64


class Tally:
    """Counts what is handled, from any thread."""

    def __init__(self, expected):
        self.expected = expected
        # A step of this counter is one operation of the interpreter, so no thread waits for a lock.
        self.numbers = itertools.count(1)
        self.done = threading.Event()

    def handled(self):
        number = next(self.numbers)
        if number == 1:
            self.first = time.perf_counter()
        if number == self.expected:
            self.last = time.perf_counter()
            self.done.set()


def batches(count):
    """Ranges of at most `READ` that make up `count`."""
    return (range(start, min(count, start + READ)) for start in range(0, count, READ))


def end_with_parent():
    """Ends this process when the one that started it is gone and this end of the pipe reads nothing more."""
    sys.stdin.read()
    os._exit(1)


def report(tally, packages, configuration):
    tally.done.wait()
    # The last acknowledgements may be on their way.
    time.sleep(1)
    outcome = {
        "seconds": tally.last - tally.first,
        "versions": {package: version(package) for package in packages},
        "configuration": configuration,
    }
    print(json.dumps(outcome), flush=True)
    os._exit(0)


def run(packages, configuration, enqueue, handle):
    """`enqueue(url, count)` stores messages. `handle(url, tally)` works until it is ended from here."""
    url, task, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    threading.Thread(target=end_with_parent, daemon=True).start()
    if task == "enqueue":
        enqueue(url, count)
        return
    tally = Tally(count)
    threading.Thread(target=report, args=(tally, packages, configuration), daemon=True).start()
    handle(url, tally)
