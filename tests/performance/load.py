"""Many people at once: sessions over real WebSockets that open one page after the other, as people do.

``python -m tests.performance.load --users 20 --minutes 10`` starts the app with a login on a home in which each user
has a finished run, drives it from a process of its own, and prints how long pages took, what went wrong and what the
machine was busy with; ``--busy`` has a worker infer all the while. A page counts from its asking until it has run.
Memory counts from when every user was there once: what is kept of their things (tables, in caches of a bounded size)
is said apart from what sessions leave. That is said of either half of the time: what the second leaves again is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import socket
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, generate_xsrf_token_string

from grn_core.homes import home_of
from grn_core.settings import at_home
from tests.app_server import start_app
from tests.identity_provider import secrets_of
from tests.pages.fabricated_run import fabricate_run

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

PAGES = ("", "dataset", "models", "infer", "network", "targets", "compare", "benchmark", "about")
SHOW_RUN = ("network", "targets")
THINKS_S = (2.0, 8.0)
ISSUER, COOKIE, XSRF = "https://login.example", "_streamlit_user", "_streamlit_xsrf"
FAILED = "AN EXCEPTION"
LONGEST_S = 60.0
TTL_S = 5
"""Seconds after which the server forgets a session that has gone; in use it is ten minutes."""


@dataclass
class Seen:
    """What all users saw: seconds of every visit by page, and what was wrong with which."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {page: [] for page in PAGES})
    wrong: list[str] = field(default_factory=list)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def name_of(number: int) -> str:
    """Return what the cells of a user are called."""
    return f"Cells of user {number:02d}"


def cookie_of(url: str, secret: str, number: int) -> str:
    """Return the cookie with which the server knows a user, as it is set after a login."""
    said = {"origin": url, "is_logged_in": True, "iss": ISSUER, "sub": f"user-{number}", "name": f"User {number:02d}"}
    return f"{COOKIE}={create_signed_value(secret, COOKIE, json.dumps(said)).decode()}"


def session_of(url: str, cookie: str) -> websockets.connect:
    """Open a session of the app as a browser does: the server believes a cookie if the page's own token comes along."""
    token = generate_xsrf_token_string()
    return websockets.connect(
        url.replace("http://", "ws://") + "/_stcore/stream",
        origin=url,
        additional_headers={"Cookie": f"{cookie}; {XSRF}={token}"},
        subprotocols=["streamlit", token],
        max_size=None,
    )


async def use(url: str, cookie: str, number: int, run_id: str, until: float, seen: Seen) -> None:
    """Be one user: open pages with one's own run, and look whether what comes is one's own."""
    chance = random.Random(number)
    others = [name_of(other) for other in range(100) if other != number]
    async with session_of(url, cookie) as tab:
        while time.time() < until:
            page = chance.choice(PAGES)
            asked = time.perf_counter()
            try:
                text = await asyncio.wait_for(opened(tab, page, f"run={run_id}"), LONGEST_S)
            except TimeoutError:
                seen.wrong.append(f"{page}: no answer in {LONGEST_S:.0f} s")
                continue
            seen.seconds[page].append(time.perf_counter() - asked)
            if FAILED in text:
                seen.wrong.append(f"{page}: an exception is shown")
            if f"User {number:02d}" not in text:
                seen.wrong.append(f"{page}: is not that of who asked")
            if page in SHOW_RUN and name_of(number) not in text:
                seen.wrong.append(f"{page}: does not show one's own run")
            if any(other in text for other in others):
                seen.wrong.append(f"{page}: shows what is another's")
            await asyncio.sleep(chance.uniform(*THINKS_S))


async def opened(tab: websockets.ClientConnection, page: str, query: str) -> str:
    """Ask for a page, and return all that was sent until it had run, as text."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    await tab.send(message.SerializeToString())
    parts = []
    while True:
        came = ForwardMsg()
        came.ParseFromString(await tab.recv())
        kind = came.WhichOneof("type")
        if kind == "delta":
            parts.append(str(came.delta))
            if came.delta.new_element.WhichOneof("type") == "exception":
                parts.append(FAILED)
        elif kind == "script_finished":
            return "\n".join(parts)


def drive(url: str, cookies: list[str], runs: list[str], until: float, told: Queue) -> None:
    """Be all users, in a process of its own, and tell what they saw and what that took of the processor."""
    seen = Seen()

    async def all_of_them() -> None:
        users = enumerate(zip(cookies, runs, strict=True))
        await asyncio.gather(*(use(url, cookie, number, run, until, seen) for number, (cookie, run) in users))

    asyncio.run(all_of_them())
    times = os.times()
    told.put((seen.seconds, seen.wrong, times.user + times.system))


def measure(*, users: int, minutes: float, busy: bool, home: Path) -> dict[str, float | list[str] | dict[str, float]]:
    """Start the app, let users use it, and return what was measured."""
    os.environ["GRN_HOME"] = str(home)
    runs = []
    for number in range(users):
        with at_home(home_of(home, ISSUER, f"user-{number}")):
            runs.append(fabricate_run(seed=number, title=name_of(number), rare=True))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url, file = f"http://127.0.0.1:{port}", home / "secrets.toml"
    file.write_text(secrets_of(ISSUER, url), encoding="utf-8")
    secret = tomllib.loads(file.read_text(encoding="utf-8"))["auth"]["cookie_secret"]
    cookies = [cookie_of(url, secret, number) for number in range(users)]
    options = (f"--server.disconnectedSessionTTL={TTL_S}", f"--server.port={port}", f"--secrets.files={file}")
    server, work = start_app(home, options=options), Busy(home) if busy else None
    try:
        server.wait_until_up()
        process = psutil.Process(server.process.pid)
        warm(url, cookies[0], runs[0])
        alone = process.memory_info().rss
        for cookie, run in zip(cookies, runs, strict=True):
            warm(url, cookie, run)  # what the server keeps of each user's things, however many sessions they have
        forget(url, cookies[0], runs[0])
        before, cpu = process.memory_info().rss, process.cpu_times()
        context = multiprocessing.get_context("spawn")
        told: Queue = context.Queue()
        began = time.perf_counter()
        by_page: dict[str, list[float]] = {page: [] for page in PAGES}
        wrong: list[str] = []
        after, driven, most, looked, at_work = [before], 0.0, 0, 0, 0
        for _ in range(2):
            until = time.time() + 30 * minutes
            driver = context.Process(target=drive, args=(url, cookies, runs, until, told))
            driver.start()
            while driver.is_alive() and told.empty():
                most, looked = max(most, process.memory_info().rss), looked + 1
                at_work += work is not None and work.goes_on()
                time.sleep(0.5)
            visits, own, spent = told.get(timeout=60)
            driver.join()
            driven, wrong = driven + spent, [*wrong, *own]
            by_page = {page: by_page[page] + visits[page] for page in PAGES}
            forget(url, cookies[0], runs[0])
            after.append(process.memory_info().rss)
        took, used = time.perf_counter() - began, process.cpu_times()
    finally:
        if work is not None:
            work.stop()
        server.stop()
    seconds = [one for visits in by_page.values() for one in visits]
    wrong += [line for line in server.log().splitlines() if "Traceback" in line or "Error" in line]
    return {
        "users": users,
        "minutes": minutes,
        "share of the time that a worker was busy": at_work / max(1, looked),
        "pages": len(seconds),
        "median s": median(seconds),
        "p95 s": percentile(seconds, 0.95),
        "p95 s by page": {page or "start": percentile(visits, 0.95) for page, visits in by_page.items() if visits},
        "longest s": max(seconds),
        "server's share of a core": (used.user + used.system - cpu.user - cpu.system) / took,
        "driver's share of a core": driven / took,
        "MB a session": (most - before) / users / 1e6,
        "MB kept a user": (before - alone) / users / 1e6,
        "MB kept a user's sessions of the first half": (after[1] - after[0]) / users / 1e6,
        "MB kept a user's sessions of the second half": (after[2] - after[1]) / users / 1e6,
        "wrong": wrong,
    }


class Busy:
    """Inferences one after the other, as a user of the command line asks for them."""

    def __init__(self, home: Path) -> None:
        self.home, self.begun = home, 0
        self.command: psutil.Popen | None = None

    def goes_on(self) -> bool:
        """Whether one is at work; else the next begins."""
        if self.command is not None and self.command.poll() is None:
            return True
        self.begun += 1
        words = ("infer", "pbmc68k", "--background=context", "--methods=gdt", f"--n-variable={500 + self.begun}")
        self.command = psutil.Popen([sys.executable, "-m", "grn_core", *words], stdout=-3, stderr=-3)
        return False

    def stop(self) -> None:
        """End the one at work; its worker ends with the server."""
        if self.command is not None:
            self.command.kill()


def warm(url: str, cookie: str, run_id: str) -> None:
    """Open every page once, so that what the server loads for all is loaded."""

    async def look() -> None:
        async with session_of(url, cookie) as tab:
            for page in PAGES:
                await opened(tab, page, f"run={run_id}")

    asyncio.run(look())


def forget(url: str, cookie: str, run_id: str) -> None:
    """Let the server forget the sessions that have gone: it does where another comes, once their time is over."""
    for _ in range(2):
        time.sleep(2 * TTL_S)
        warm(url, cookie, run_id)


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
