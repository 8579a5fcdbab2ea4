# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""Those who are measured: peers, each in an environment of its own, and StreamBroker."""

import json
import sys
from pathlib import Path

from processes import Failure, run

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ENVIRONMENTS = ROOT / ".build" / "bench-peers"


class Peer:
    """One `peer_NAME.py` with what it requires. The peers do not agree on a version of redis-py."""

    def __init__(self, name):
        self.name = name
        self.python = ENVIRONMENTS / name / "bin" / "python"

    @staticmethod
    def all():
        return [Peer(path.stem.removeprefix("peer_")) for path in sorted(HERE.glob("peer_*.py"))]

    def install(self):
        """Installs what is required, unless the same was installed before."""
        requirements = HERE / "requirements" / f"{self.name}.txt"
        installed = ENVIRONMENTS / self.name / "installed.txt"
        if installed.exists() and installed.read_text() == requirements.read_text():
            return
        run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENTS / self.name)])
        pip = [str(self.python), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
        run([*pip, "install", "--requirement", str(requirements)])
        installed.write_text(requirements.read_text())

    def measure(self, server, messages):
        """Stores the messages on an empty server, and then has a worker handle them."""
        server.command("FLUSHALL")
        self.work(server, "enqueue", messages)
        outcome = json.loads(self.work(server, "handle", messages).splitlines()[-1])
        self.versions = ", ".join(f"{name} {version}" for name, version in outcome["versions"].items())
        self.configuration = outcome["configuration"]
        return messages / outcome["seconds"]

    def work(self, server, task, messages):
        return run([str(self.python), str(HERE / f"peer_{self.name}.py"), server.url, task, str(messages)])


class Ours:
    """StreamBroker as the benchmark of consuming on Redis has it, on a server of the same kind."""

    name = "StreamBroker"
    benchmark = "redis consume, reads of 64, concurrency 16"
    configuration = (
        "stream and group, concurrency 16, prefetch 128, leases with heartbeats, retries, two observers; "
        "acknowledged in batches after the handler"
    )
    # So many times the messages of a peer, or it would be over before it can be measured.
    share = 20

    def __init__(self, program):
        self.program = program
        self.versions = run(["git", "-C", str(ROOT), "log", "-1", "--format=commit %h"]).strip()

    def measure(self, messages):
        options = ["--only", self.benchmark, "--runs", "1", "--messages", str(self.share * messages), "--json"]
        results = json.loads(run([self.program, *options]))["results"]
        if not results:
            raise Failure(f"has no benchmark '{self.benchmark}'")
        return results[0]["median"]
