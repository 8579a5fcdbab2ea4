# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""How much of the machine the workers have, and of the server their group, and whether that grows."""

import os
import re
from typing import NamedTuple


class Footprint(NamedTuple):
    """The greatest of any worker, and what the server keeps. Memory is in KiB."""

    memory: int
    descriptors: int
    threads: int
    consumers: int
    keys: int


# By how much each may be more at the end than after the second of the times it was taken.
SLACK = Footprint(memory=16_384, descriptors=8, threads=8, consumers=2, keys=2)


async def footprint(rig):
    """Taken while nothing is done to anybody."""
    sizes = [of_process(worker.pid) for worker in rig.crew.present]
    await rig.server.look()
    consumers = await rig.server.control.xinfo_consumers("work", "crew")
    keys = await rig.server.count_keys()
    return Footprint(*(max(size[place] for size in sizes) for place in range(3)), len(consumers), keys)


def of_process(pid):
    with open(f"/proc/{pid}/status") as file:
        status = dict(re.findall(r"^(\w+):\s+(\d+)", file.read(), re.MULTILINE))
    return int(status["VmRSS"]), len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"])


def growth(footprints):
    """What is more at the end than it may be; the first time everybody was still warming up."""
    if len(footprints) < 3:
        return []
    early, late = footprints[1], footprints[-1]
    return [
        f"{name} grew from {before} to {after}"
        for name, before, after, slack in zip(Footprint._fields, early, late, SLACK)
        if after > before + slack
    ]
