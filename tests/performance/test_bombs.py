"""Every small file that unpacks to very much is refused within 10 s of the reader's own processor time, and 1 GiB."""

from __future__ import annotations

import threading

import psutil
import pytest

from grn_core.datasets import read
from grn_core.datasets.isolation import process
from grn_core.errors import GrnError
from tests.datasets.helpers import table
from tests.datasets.isolation.bombs import BOMBS

pytestmark = pytest.mark.performance
MOST_S, MOST_MB = 10.0, 1024.0


class Watch:
    """The most memory that one process of the readers held, in MB."""

    def __enter__(self):
        self.peak, self.over = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def _look(self):
        ours = psutil.Process().cmdline()
        while not self.over.wait(0.02):
            for one in psutil.Process().children(recursive=True):
                try:
                    if one.cmdline() != ours:  # being started, it holds for a moment what this process does
                        self.peak = max(self.peak, one.memory_info().rss / 2**20)
                except psutil.Error:
                    continue

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def cpu_s():
    """Seconds of the processor that the forks of the reader have used, those that were ended among them."""
    times = psutil.Process(process._idle[0].process.pid).cpu_times()
    return times.children_user + times.children_system


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_words_soon_and_in_little_memory(tmp_path, name):
    (tmp_path / "cells.csv").write_text(table().to_csv(), encoding="utf-8")
    read(tmp_path / "cells.csv")  # the reader is there
    folder = tmp_path / "bomb"
    folder.mkdir()
    path = BOMBS[name](folder)
    before = cpu_s()
    with Watch() as watch, pytest.raises(GrnError) as caught:
        read(path)
    used = cpu_s() - before
    print(f"{name:26}{path.stat().st_size:12,} bytes{used:7.1f} s{watch.peak:8,.0f} MB  {caught.value.found[:100]}")
    assert caught.value.found
    assert caught.value.needed or caught.value.todo
    assert used < MOST_S
    assert watch.peak < MOST_MB
