"""What is swept where a server or a worker starts."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from grn_core.homes import home_of
from grn_core.runs import RunStore
from grn_core.runs.left_over import sweep
from grn_core.runs.trash import DAY_S, KEPT_DAYS
from grn_core.sums import write_summed


@pytest.mark.parametrize("of_one", [True, False])
def test_a_worker_goes_through_the_files_of_its_home_and_a_server_through_all(grn_home, of_one):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    ada, bob = (home_of(grn_home, "https://login.example.org", name) for name in ("ada", "bob"))
    drafts = [home / "uploads" / f".part-{ended.pid}-x" for home in (ada, bob)]
    removed = [RunStore(home / "removed").path("0" * 16) for home in (ada, bob)]
    for folder in (*drafts, *removed):
        folder.mkdir(parents=True)
    for folder in removed:
        write_summed(folder / "removed.json", {"removed": time.time() - (KEPT_DAYS + 1) * DAY_S})
    sweep(ada if of_one else None)
    assert [path.exists() for path in drafts] == [False, of_one]
    assert [path.exists() for path in removed] == [False, False]
