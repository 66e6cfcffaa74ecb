"""Many people at once: sessions over real WebSockets that open one page after the other, as people do.

``python -m tests.performance.load --users 20 --minutes 10`` starts the app on a home with a finished run for each user,
drives it from a process of its own, and prints how long pages took, what went wrong and what the machine was busy with;
``--busy`` has a worker infer meanwhile. A page counts from the moment it is asked for until the server has run it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.app_server import start_app
from tests.pages.fabricated_run import fabricate_run

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

PAGES = ("", "dataset", "models", "infer", "network", "targets", "compare", "benchmark", "about")
THINKS_S = (2.0, 8.0)
LONGEST_S = 60.0
TTL_S = 5
"""Seconds after which the server forgets a session that has gone; in use it is ten minutes."""


@dataclass
class Seen:
    """What one or all users saw: seconds of every page, and what was wrong with which."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def use(url: str, number: int, run_id: str, until: float, seen: Seen) -> None:
    """Be one user: open pages with one's own run, and look whether what comes is one's own."""
    chance = random.Random(number)
    address = url.replace("http://", "ws://") + "/_stcore/stream"
    others = [f"Cells of user {other:02d}" for other in range(100) if other != number]
    async with websockets.connect(address, origin=url, subprotocols=["streamlit"], max_size=None) as socket:
        while time.time() < until:
            page = chance.choice(PAGES)
            asked = time.perf_counter()
            try:
                text = await asyncio.wait_for(opened(socket, page, f"run={run_id}"), LONGEST_S)
            except TimeoutError:
                seen.wrong.append(f"{page}: no answer in {LONGEST_S:.0f} s")
                continue
            seen.seconds.append(time.perf_counter() - asked)
            if page == "network":
                if f"Cells of user {number:02d}" not in text:
                    seen.wrong.append(f"{page}: does not show one's own run")
                if any(other in text for other in others):
                    seen.wrong.append(f"{page}: shows the run of another")
            await asyncio.sleep(chance.uniform(*THINKS_S))


async def opened(socket: websockets.ClientConnection, page: str, query: str) -> str:
    """Ask for a page, and return all that was sent until it had run, as text."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    await socket.send(message.SerializeToString())
    parts = []
    while True:
        came = ForwardMsg()
        came.ParseFromString(await socket.recv())
        kind = came.WhichOneof("type")
        if kind == "delta":
            parts.append(str(came.delta))
            if came.delta.new_element.WhichOneof("type") == "exception":
                parts.append("EXCEPTION")
        elif kind == "script_finished":
            return "\n".join(parts)


def drive(url: str, runs: list[str], until: float, told: Queue) -> None:
    """Be all users, in a process of its own, and tell what they saw and what that took of the processor."""
    seen = Seen()

    async def all_of_them() -> None:
        await asyncio.gather(*(use(url, number, run_id, until, seen) for number, run_id in enumerate(runs)))

    asyncio.run(all_of_them())
    times = os.times()
    told.put((seen.seconds, seen.wrong, times.user + times.system))


def measure(*, users: int, minutes: float, busy: bool, home: Path) -> dict[str, float | list[str]]:
    """Start the app, let users use it, and return what was measured."""
    os.environ["GRN_HOME"] = str(home)
    runs = [fabricate_run(seed=number, title=f"Cells of user {number:02d}", rare=True) for number in range(users)]
    server = start_app(home, options=(f"--server.disconnectedSessionTTL={TTL_S}",))
    worker = None
    try:
        server.wait_until_up()
        process = psutil.Process(server.process.pid)
        warm(server.url, runs[0])
        before, cpu = process.memory_info().rss, process.cpu_times()
        if busy:
            command = [sys.executable, "-m", "grn_core", "infer", "pbmc68k", "--background=context", "--methods=gdt"]
            worker = psutil.Popen(command, stdout=-3, stderr=-3)
        context = multiprocessing.get_context("spawn")
        told: Queue = context.Queue()
        began = time.perf_counter()
        driver = context.Process(target=drive, args=(server.url, runs, time.time() + 60 * minutes, told))
        driver.start()
        most = 0
        while driver.is_alive() and told.empty():
            most = max(most, process.memory_info().rss)
            time.sleep(0.5)
        seconds, wrong, driven = told.get(timeout=60)
        driver.join()
        took = time.perf_counter() - began
        used = process.cpu_times()
        time.sleep(3 * TTL_S)
        warm(server.url, runs[0])
        after = process.memory_info().rss
    finally:
        if worker is not None:
            worker.kill()
        server.stop()
    wrong += [line for line in server.log().splitlines() if "Traceback" in line or "Error" in line]
    return {
        "users": users,
        "minutes": minutes,
        "a worker busy": float(busy),
        "pages": len(seconds),
        "median s": median(seconds),
        "p95 s": percentile(seconds, 0.95),
        "longest s": max(seconds),
        "server's share of a core": (used.user + used.system - cpu.user - cpu.system) / took,
        "driver's share of a core": driven / took,
        "MB a session": (most - before) / users / 1e6,
        "MB kept a session": (after - before) / users / 1e6,
        "wrong": wrong,
    }


def warm(url: str, run_id: str) -> None:
    """Open every page once, so that what the server loads for all is loaded."""

    async def look() -> None:
        address = url.replace("http://", "ws://") + "/_stcore/stream"
        async with websockets.connect(address, origin=url, subprotocols=["streamlit"], max_size=None) as socket:
            for page in PAGES:
                await opened(socket, page, f"run={run_id}")

    asyncio.run(look())


def main() -> int:
    """Measure, print, and return 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--busy", action="store_true", help="a worker infers meanwhile")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(users=given.users, minutes=given.minutes, busy=given.busy, home=Path(folder) / "home")
    print(json.dumps(found, indent=1))
    return int(bool(found["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
