"""How long a run goes on after it was cancelled, in each stage of every kind of work, on an idle machine.

Each work is watched once from beginning to end; then it is asked anew for every stage that was seen, and cancelled when
half of the stage's time has passed, or less where it was over by then. `WORK=part of a name` measures some alone.
"""

from __future__ import annotations

import os
import shutil
import time

import pytest

from grn_core.cli import main
from grn_core.cli.parser import requests_of
from grn_core.drill import WORKS
from grn_core.drill.work import write_files
from grn_core.runs import RunStore, manager
from grn_core.runs.trash import remove
from grn_core.settings import settings

pytestmark = pytest.mark.performance
LIMIT_S = 2.0
LOOK_S = 0.01
PARTS = (0.5, 0.2, 0.05, 0.0)
COMPUTED = ("adapted", "benchmark")
"""Folders of a home whose contents would not be computed a second time."""
SOME = os.environ.get("WORK", "")


def watch(run_id):
    """Return the stages of a run with the seconds that each took, by looks at its status until it ends."""
    seen, last = {}, time.perf_counter()
    while (status := manager.status(run_id)).active:
        now = time.perf_counter()
        seen[status.stage or status.state] = seen.get(status.stage or status.state, 0.0) + now - last
        last = now
        time.sleep(LOOK_S)
    assert status.state == "done", status
    return seen


def seconds_to_stop(run_id, stage, *, after):
    """Cancel a run that has been in a stage for so long; return how long it was at work after that, and its state."""
    while (status := manager.status(run_id)).active and (status.stage or status.state) != stage:
        time.sleep(LOOK_S)
    time.sleep(after)
    start = time.perf_counter()
    manager.cancel(run_id)
    while manager.status(run_id).active:
        time.sleep(LOOK_S)
    spent, status = time.perf_counter() - start, manager.status(run_id)
    assert status.state in ("cancelled", "done"), status
    return spent, status.state


@pytest.mark.parametrize("work", [one for one in WORKS if SOME in one.name], ids=lambda work: work.name)
def test_cancel_is_heard_in_every_stage(grn_home, tmp_path, work, capsys):
    write_files(tmp_path)
    for words in work.before:
        assert main([word.format(files=tmp_path) for word in words]) == 0
    before = [info.run_id for info in RunStore().list_runs()]
    parts = (before if word == "{runs}" else [word.format(files=tmp_path)] for word in work.words)
    (request,) = requests_of([word for part in parts for word in part])
    stages = watch(manager.submit(request))
    took = {}
    for stage, seconds in stages.items():
        for part in PARTS:  # of a stage that goes quicker the second time half of its time would be too long
            remove(request.run_id(), keep=False)
            for name in COMPUTED:
                shutil.rmtree(settings().home / name, ignore_errors=True)
            took[stage] = seconds_to_stop(manager.submit(request), stage, after=part * seconds)
            if took[stage][1] == "cancelled":
                break
    with capsys.disabled():
        for stage, (spent, state) in took.items():
            print(f"\n{work.name}, {stage} ({stages[stage]:.1f} s): {state} after {spent:.2f} s", end="")
    assert all(spent <= LIMIT_S for spent, _ in took.values())
