"""What it costs to hold a result to its sums: a million edges opened with them against without, interleaved."""

from __future__ import annotations

import statistics
import time

import pytest

from grn_core import sums
from grn_core.runs import RunStore
from grn_core.runs.damage import CHANGING
from grn_core.sums import sums_below, write_summed
from tests.performance.test_network_speed import large_run

pytestmark = pytest.mark.performance
ROUNDS = 15
MOST = 1.05
"""Opening with sums against without: what is known of a file that has not changed counts as little as it should."""


def test_opening_a_result_that_is_held_to_its_sums(grn_home):
    store, run = RunStore(), large_run()
    record = store.record(run)
    path = store.path(run)
    told = {"without": {}, "with": sums_below(path, leave=CHANGING)}

    def opened(which: str, *, first: bool) -> float:
        write_summed(path / "run.json", {**record, "files": told[which]})
        if first:
            sums.forget()
        started = time.perf_counter()
        store.edges(run)
        store.panel(run)
        return time.perf_counter() - started

    for first in (True, False):
        found = {which: [] for which in told}
        for _ in range(ROUNDS):
            for which, seconds in found.items():
                seconds.append(opened(which, first=first))
        with_, without = (statistics.median(found[which]) for which in ("with", "without"))
        how = "first in a process" if first else "again"
        print(f"\na million edges, opened {how}: {with_ / without:.3f} of {1000 * without:.0f} ms without sums", end="")
        assert with_ / without < MOST
    print()
