# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""What must hold when a scenario is over, whatever happened in it."""

from footprint import growth
from report import pace
from scenarios import IN_FLIGHT, LOST, NONE, REPORTED


def verdict(outcome):
    """Everything that does not hold; nothing is a pass."""
    account, scenario = outcome.account, outcome.scenario
    lost = account.lost - account.reported if scenario.orphans == REPORTED else account.lost
    may_forget = scenario.forgets or scenario.orphans == LOST
    late = account.waited_longer(scenario.patience) if scenario.patience else ()
    exits = [code for code in outcome.exits if not (scenario.cuts_off and code == 1)]
    found = [
        (lost, "lost " + some(lost)),
        (account.unexpected, "unexpected " + some(account.unexpected)),
        (account.overlaps, "ran twice at once " + some(entry for entry, *_ in account.overlaps)),
        (account.forgotten and not may_forget, "forgotten " + some(account.forgotten)),
        (scenario.duplicates == NONE and account.duplicated, f"duplicated {account.duplicated}"),
        (scenario.duplicates == IN_FLIGHT and account.unexplained, "duplicated " + some(account.unexplained)),
        (account.unbegun, "given up and never begun " + some(account.unbegun)),
        (late, f"waited for more than {scenario.patience} ms " + some(late)),
        (outcome.drain is None, "the group never came to rest"),
        (exits and not scenario.forbids, f"exit codes {exits}"),
        (outcome.denials and not scenario.forbids, f"the documented rights do not do: {outcome.denials}"),
        *beyond(scenario.bounds, outcome),
        (growth(outcome.footprints), "; ".join(growth(outcome.footprints))),
        (not account.acked or not account.done, "nothing was published or handled: the rig has failed"),
        (outcome.faults == 0 and "calm" not in scenario.name, "no fault happened: the rig has failed"),
    ]
    return [text for holds_not, text in found if holds_not]


def beyond(bounds, outcome):
    """What took longer than it may, and what publishers and handlers noticed that they must not."""
    account, found = outcome.account, pace(outcome)
    for name in ("p99", "longest", "elsewhere", "resumed"):
        bound = getattr(bounds, name)
        # What was never measured is no pass.
        if bound is not None:
            yield found[name] is None or found[name] > bound, f"{name} {found[name]} ms, of {bound} ms at most"
    failed = (account.unknown | account.denied) - account.cancelled
    yield failed and not bounds.may_fail, "publishes failed " + some(failed)
    leases = account.events["lost"]
    yield bounds.leases is not None and leases > bounds.leases, f"leases lost: {leases}, of {bounds.leases} at most"


def some(names):
    names = sorted(names)
    return f"{len(names)} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
