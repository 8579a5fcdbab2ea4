# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What was measured, for people and for programs."""

import json
import os
import platform
from statistics import median


class Report:
    def __init__(self, server, messages, share):
        self.rows = []
        self.conditions = {
            "machine": f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "load": round(os.getloadavg()[0], 2),
            "server": f"redis-server {version(server)}, without persistence",
            "messages": messages,
            "messages of ours": share * messages,
        }

    def add(self, contestant, rates, ratios):
        """`rates` are messages per second. `ratios` say how many times as many ours handled just before."""
        self.rows.append({
            "name": contestant.name, "versions": contestant.versions, "configuration": contestant.configuration,
            "median": median(rates), "least": min(rates), "greatest": max(rates), "ratio": median(ratios),
        })

    @property
    def json(self):
        return json.dumps({**self.conditions, "results": self.rows})

    @property
    def text(self):
        lines = [f"{name:18}{value}" for name, value in self.conditions.items()] + [""]
        lines.append(f"{'':14}{'messages/s':>12}{'least':>12}{'greatest':>12}{'ours to it':>12}")
        for row in self.rows:
            rates = "".join(f"{row[column]:12,.0f}" for column in ("median", "least", "greatest"))
            lines.append(f"{row['name']:14}{rates}{row['ratio']:12.1f}")
        lines.append("")
        for row in self.rows:
            lines.append(f"{row['name']:14}{row['versions']}")
            lines.append(f"{'':14}{row['configuration']}")
        return "\n".join(lines)


def version(server):
    lines = server.command("INFO", "server").splitlines()
    return next(line.partition(":")[2] for line in lines if line.startswith("redis_version:"))
