"""The wheel in an environment that held nothing, in a folder that is no checkout: each command, and the app."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.app_server import AppServer, needs_chromium

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with nothing of the project in it."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The folder of programs of an environment in which pip has installed the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(pip, check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([str(Path(sys.base_prefix) / "bin" / "python3"), "-m", "venv", str(folder / "env")], check=True)
    programs = folder / "env" / "bin"
    install = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--no-compile", str(wheel)]
    subprocess.run(install, check=True)
    return programs


@pytest.fixture
def call(programs, place, grn_home):
    """Run a program of the environment there, with no way to the checkout."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def call(program: str, *words: str) -> subprocess.CompletedProcess:
        command = [str(programs / program), *words]
        return subprocess.run(command, cwd=place, env=variables, capture_output=True, text=True, check=False)

    call.variables = variables
    return call


def test_it_brings_all_that_it_needs_and_nothing_of_the_checkout(call, programs):
    assert "No broken requirements" in call("python", "-m", "pip", "check").stdout
    found = call("python", "-c", "import grn_core, sys; print(grn_core.__file__, *sys.path, sep='\\n')").stdout
    assert found.startswith(str(programs.parent))
    assert str(ROOT) not in found


def test_its_command_is_every_command(call):
    done = call("grn-studio", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: grn-studio ")
    assert call("grn-studio", "doctor", "--json").returncode == 0
    assert call("grn-studio", "infer", "nothing.h5ad").returncode == 2


def test_it_infers_the_demo(call, place):
    done = call("grn-studio", "infer", "pbmc68k", "--n-variable=50", "-o", "edges.tsv")
    assert done.returncode == 0, done.stderr
    edges = pd.read_csv(place / "edges.tsv", sep="\t")
    assert edges["score"].is_monotonic_decreasing
    assert edges["probability"].notna().all()


@needs_chromium
def test_its_app_shows_its_pages(call, programs, place, grn_home, chromium_tab):
    """Every page of the menu runs to its end, over a real connection, without an exception."""
    started = time.perf_counter()
    with (grn_home / "server.log").open("w", encoding="utf-8") as log:
        command = [str(programs / "grn-studio"), "app", "--port=0", "--headless"]
        process = subprocess.Popen(command, cwd=place, env=call.variables, stdout=log, stderr=subprocess.STDOUT)
    server = AppServer(grn_home, process, started)
    try:
        server.wait_until_up()
        chromium_tab.set_default_timeout(60_000)
        chromium_tab.goto(server.url)
        chromium_tab.get_by_role("button", name="Infer the demo network").click(trial=True)
        links = chromium_tab.get_by_test_id("stSidebarNavLink")
        names = links.all_inner_texts()
        assert len(names) > 8
        for number in range(len(names)):
            links.nth(number).click()
            chromium_tab.get_by_role("heading", level=1).wait_for()
            chromium_tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
            assert chromium_tab.get_by_test_id("stException").count() == 0, names[number]
    finally:
        server.stop()
    assert "Traceback" not in server.log()
