"""How long work is listened to."""

from __future__ import annotations

import threading

import pytest

from grn_core.errors import Cancelled
from grn_core.progress import beside


def test_work_that_cannot_be_stopped_lets_its_caller_go_at_once():
    go_on, heard, ended = threading.Event(), [], threading.Event()

    def work():
        go_on.wait(60)
        ended.set()

    def listen():
        heard.append(1)
        if len(heard) == 2:
            message = "cancelled"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        beside(work, listen)
    assert not ended.is_set()
    go_on.set()
    assert beside(lambda: "done", listen) == "done"
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 / 0, listen)
