"""Whether threads that wait should sleep or spin: two works on the same cores, and one alone, of either kind."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

import pytest

WORK = """
import time
import torch
torch.set_num_threads(max(2, len(os.sched_getaffinity(0))))
cells, weights = torch.randn(256, 128), torch.randn(128, 128)
torch.softmax(torch.relu(cells @ weights) @ weights, 1)
began = time.perf_counter()
for _ in range(300):
    torch.softmax(torch.relu(cells @ weights) @ weights, 1)
print(time.perf_counter() - began)
"""
SLEEPING, SPINNING = "import grn_core\n", 'os.environ.pop("OMP_WAIT_POLICY", None)\n'
ROUNDS = 5


def seconds(ways: list[str]) -> float:
    """Start works at the same time, and return what the slowest took."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    works = [
        subprocess.Popen([sys.executable, "-c", f"import os\n{way}{WORK}"], env=environment, stdout=-1, text=True)
        for way in ways
    ]
    return max(float(work.communicate()[0]) for work in works)


@pytest.mark.performance
def test_threads_that_sleep_cost_one_work_little_and_spare_two_much():
    alone, beside = [], []
    for _ in range(ROUNDS):
        alone.append(seconds([SLEEPING]) / seconds([SPINNING]))
        beside.append(seconds([SLEEPING] * 2) / seconds([SPINNING] * 2))
    print(f"\nsleeping over spinning: one work alone {median(alone):.2f}, two at once {median(beside):.2f}")
    assert median(beside) < 0.8
    assert median(alone) < 1.2
