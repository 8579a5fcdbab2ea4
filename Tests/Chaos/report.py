# This source file is part of StreamBroker.
# Copyright (c) 2026 the StreamBroker authors.
# Licensed under the Apache License, Version 2.0; see LICENSE.
# SPDX-License-Identifier: Apache-2.0

"""One line for each scenario, and one for all of them."""

import json

COLUMNS = (
    ("scenario", 36), ("faults", 7), ("kills", 6), ("laden", 6), ("tried", 7), ("acked", 7), ("unknown", 8), ("denied", 7),
    ("handled", 8), ("dead", 5), ("lost", 5), ("unexp", 6), ("dupl", 6), ("recov", 6), ("forgot", 7), ("overl", 6),
    ("drain", 6), ("time", 6), ("verdict", 8),
)
COUNTS = [name for name, _ in COLUMNS if name not in ("scenario", "drain", "time", "verdict")]


def facts(outcome):
    """The numbers of a scenario by the names of the columns."""
    account = outcome.account
    return {
        "scenario": outcome.scenario.name,
        "faults": outcome.faults,
        "kills": outcome.kills,
        "laden": account.laden,
        "tried": len(account.attempted),
        "acked": len(account.acked),
        "unknown": len(account.unknown),
        "denied": len(account.denied),
        "handled": len(account.handled),
        "dead": len(account.dead),
        "lost": len(account.lost),
        "unexp": len(account.unexpected),
        "dupl": account.duplicated,
        "recov": len(account.recovered),
        "forgot": len(account.forgotten),
        "overl": len(account.overlaps),
        "drain": "never" if outcome.drain is None else round(outcome.drain, 1),
        "time": round(outcome.seconds, 1),
        "verdict": "ok" if outcome.has_passed else "FAILED",
    }


def pace(outcome):
    """How long publishes took and messages waited, in milliseconds, how soon publishing went on, and leases lost."""
    account = outcome.account
    times = account.pace
    elsewhere = times.publishes.keys() - outcome.disturbed
    return {
        "rate": times.rate,
        "p50": times.publish(0.5),
        "p99": times.publish(0.99),
        "longest": times.publish(1),
        "elsewhere": times.publish(1, elsewhere),
        "begun p99": times.wait(0.99),
        "begun elsewhere": times.wait(1, elsewhere),
        "resumed": max(times.resumed, default=None),
        "leases": account.events["lost"],
    }


class Report:
    """Prints outcomes as they come, in columns or as JSON, and adds them up."""

    def __init__(self, as_json):
        self.as_json = as_json
        self.total = dict.fromkeys(COUNTS, 0)
        self.scenarios = self.failures = 0
        self.seconds = 0

    def begin(self):
        if not self.as_json:
            self.show({name: name for name, _ in COLUMNS})

    def add(self, outcome):
        line = facts(outcome)
        self.scenarios += 1
        self.failures += not outcome.has_passed
        self.seconds += outcome.seconds
        for name in COUNTS:
            self.total[name] += line[name]
        if self.as_json:
            more = {"seed": outcome.seed, "complaints": outcome.complaints, "denials": outcome.denials,
                    "exits": outcome.exits, "events": outcome.account.events,
                    "pace": pace(outcome), "footprints": [size._asdict() for size in outcome.footprints]}
            print(json.dumps(line | more), flush=True)
            return
        self.show(line)
        if outcome.scenario.settings.place != "server":
            self.tell(pace(outcome))
        for size in outcome.footprints:
            self.tell(size._asdict())
        for complaint in outcome.complaints:
            print(f"    {complaint}", flush=True)

    def skip(self, scenario, why):
        """Says that a scenario was not played; it counts as nothing."""
        if self.as_json:
            print(json.dumps({"scenario": scenario.name, "verdict": "skipped", "reason": str(why)}), flush=True)
        else:
            print(f"{scenario.name.ljust(COLUMNS[0][1])}  skipped: {why}", flush=True)

    def end(self):
        """The sum of all; answers the exit code. A run without any scenario has shown nothing."""
        has_passed = self.scenarios > 0 and self.failures == 0
        verdict = "ok" if has_passed else "FAILED"
        time = round(self.seconds, 1)
        total = {"scenario": f"{self.scenarios} scenarios", **self.total, "drain": "", "time": time, "verdict": verdict}
        if self.as_json:
            print(json.dumps(total | {"failures": self.failures}), flush=True)
        else:
            self.show(total)
        return 0 if has_passed else 1

    @staticmethod
    def tell(facts):
        """Whatever is known, in a line below its scenario."""
        known = (f"{name} {value}" for name, value in facts.items() if value is not None)
        print("    " + ", ".join(known), flush=True)

    @staticmethod
    def show(values):
        cells = [str(values[name]) for name, _ in COLUMNS]
        first = cells[0].ljust(COLUMNS[0][1])
        print(first + "".join(cell.rjust(width) for cell, (_, width) in zip(cells[1:], COLUMNS[1:])), flush=True)
