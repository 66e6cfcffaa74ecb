"""Change the code in small ways, one at a time, and count how many changes the tests notice (mutmut).

``python scripts/mutation.py [ROOM ...]`` works room by room in ``build/mutation/ROOM``, with the fast tests of that
room, and prints the score and the changes that no test noticed. What was run before is not run again as long as the
code stays the same, so that it may be stopped at any time; ``--again`` tries those anew that no test noticed. The rooms
are those whose mistakes nobody would see.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "mutation"
COPIED = ("grn_core", "pages", "tests", "assets", "scripts", "app.py", "requirements.txt")
WORDS = (r"^\s*message = ", r"\bneeded=", r"\btodo=", r"^\s*f?\"[^\"]*\"$", r"\.warn\(")
"""Lines that only hold the words of an error: what they say is read by tests, but not to the letter."""


LATE = ("torch._dynamo", "transformers.models.bert.modeling_bert")
"""Modules that take seconds to import, and that torch and our models import at their first use."""
SKIPPED, NOT_NOTICED = 34, (0, 5, 33)
"""Exit codes by which mutmut knows changes that are not tried, and those that no test noticed or reached."""


@dataclass(frozen=True)
class Room:
    """What is changed, and the tests that are to notice; both as paths, code with ``*``.

    `slow` are words in the names of tests that are left out: the same laws stand for the small models.
    """

    code: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()


ELSEWHERE = ("scgpt", "scfoundation", "scbenchmark", "geneformer_v", "toy_extractor")
ROOMS = {
    "metrics": Room(("grn_core/benchmark/metrics/*",), ("tests/benchmark/metrics",)),
    "networks": Room(
        tuple(f"grn_core/networks/{name}.py" for name in ("selection", "edge_columns", "edge_table", "signs")),
        (
            *(f"tests/networks/test_{name}.py" for name in ("selection", "edge_table", "signs", "tables")),
            "tests/translator/test_calibration.py",
        ),
    ),
    "extractors": Room(("grn_core/extractors/*",), ("tests/extractors",), ELSEWHERE),
    "translator": Room(("grn_core/translator/*",), ("tests/translator",)),
}


def main(arguments: list[str]) -> int:
    """Run the rooms that were named; 1 where the score of one is below the goal."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"some of {', '.join(ROOMS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=0, help="stop after so long; the next call goes on from there")
    parser.add_argument("--children", type=int, default=2, help="processes at once (default 2)")
    parser.add_argument("--sample", type=int, default=300, help="try so many of each room (default 300; 0: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default 0)")
    parser.add_argument("--again", action="store_true", help="try again what no test noticed")
    parser.add_argument("--goal", type=float, default=90.0, help="lowest score of a room in per cent (default 90)")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.rooms) - set(ROOMS))
    if unknown:
        parser.error(f"there is no room {', '.join(unknown)}; needed: some of {', '.join(ROOMS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    below = []
    for name in options.rooms or ROOMS:
        folder, changed = prepare(name, ROOMS[name])
        if changed:
            run(folder, seconds=0, children=1, only="none.of.them")  # makes the changes; notes which tests reach them
        chosen = choose(folder, sample=options.sample, seed=options.seed, again=options.again)
        go_on(folder, chosen, seconds=options.seconds, children=options.children)
        noticed, missed, left = report(name, folder, chosen)
        if left:
            print(f"  mutmut did not come to the end; what it said is in {folder / 'log.txt'}")
        if left or 100 * noticed < options.goal * (noticed + missed):
            below.append(name)
    if below:
        print(f"below {options.goal:g} %, or not tried to the end: {', '.join(below)}")
    return int(bool(below))


def prepare(name: str, room: Room) -> tuple[Path, bool]:
    """Copy what the tests of a room need, with settings for this room; return also whether anything has changed."""
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    changed = not (folder / "mutants" / "mutmut-stats.json").exists()
    for part in COPIED:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            changed |= _copy(source, target)
        elif not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copy2(source, target)
            changed = True
    settings = {
        "source_paths": ["grn_core"],
        "only_mutate": list(room.code),
        "do_not_mutate_patterns": list(WORDS),
        "also_copy": [part for part in COPIED if part not in ("grn_core", "tests")],
        "pytest_add_cli_args_test_selection": list(room.tests),
        "pytest_add_cli_args": [
            *("-m", "not shared_data and not browser and not performance"),
            *(
                "-p",
                "no:cacheprovider",
                "-p",
                "scripts.mutation",
                "--hypothesis-profile=mutation",
                "--hypothesis-seed=0",
            ),
            *(("-k", " and ".join(f"not {word}" for word in room.slow)) if room.slow else ()),
        ],
        "process_isolation": "forkserver",  # its server does not mind processes of the tests that end late
        "timeout_constant": 10.0,  # generous: on a busy machine what is slow must not be taken for noticed
        "timeout_multiplier": 8.0,
        "track_dependencies": False,
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    ours = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    text = ours + "\n[tool.mutmut]\n" + "\n".join(lines) + "\n"
    if not (folder / "pyproject.toml").exists() or (folder / "pyproject.toml").read_text(encoding="utf-8") != text:
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        changed = True
    return folder, changed


def _copy(source: Path, target: Path) -> bool:
    """Make a folder equal to another, leaving files that are the same as they are; return whether any was not."""
    changed = False
    for old in [path for path in target.rglob("*") if path.is_file()]:
        if not (source / old.relative_to(target)).exists():
            old.unlink()
            changed = True
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            copy = target / path.relative_to(source)
            if not copy.exists() or copy.read_bytes() != path.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)
                changed = True
    return changed


def choose(folder: Path, *, sample: int, seed: int, again: bool) -> set[str]:
    """Mark which changes are to be tried: a sample, or all; and, if `again`, those anew that no test noticed.

    A larger sample of the same seed holds the smaller one.
    """
    files = sorted((folder / "mutants").rglob("*.meta"))
    known = {path: json.loads(path.read_text(encoding="utf-8")) for path in files}
    names = sorted(name for meta in known.values() for name in meta["exit_code_by_key"])
    chosen = set(random.Random(seed).sample(names, len(names))[: sample or len(names)])
    for path, meta in known.items():
        codes = meta["exit_code_by_key"]
        for name, code in codes.items():
            if (again and code in NOT_NOTICED) or (code == SKIPPED and name in chosen):
                codes[name] = None
            elif code is None and name not in chosen:
                codes[name] = SKIPPED
        path.write_text(json.dumps(meta, indent=4), encoding="utf-8")
    return chosen


def go_on(folder: Path, chosen: set[str], *, seconds: int, children: int) -> None:
    """Try what is chosen to the end, or for so long; start again where mutmut breaks off, as long as it gets on."""
    end = time.monotonic() + seconds
    left = len(chosen) + 1
    while (now := len(states(folder, chosen).get("not checked", []))) and now < left:
        left = now
        rest = ceil(end - time.monotonic()) if seconds else 0
        if seconds and rest <= 0:
            return
        run(folder, seconds=rest, children=children)


def run(folder: Path, *, seconds: int, children: int, only: str = "") -> None:
    """Let mutmut go on in a folder."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *([only] if only else [])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            process.wait(timeout=seconds or None)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def states(folder: Path, chosen: set[str]) -> dict[str, list[str]]:
    """Sort the changes that were chosen by what came of them, in mutmut's words."""
    from mutmut.stats import status_by_exit_code

    found: dict[str, list[str]] = {}
    for path in sorted((folder / "mutants").rglob("*.meta")):
        for mutant, code in json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items():
            if mutant in chosen:
                found.setdefault(status_by_exit_code[code], []).append(mutant)
    return found


def report(name: str, folder: Path, chosen: set[str]) -> tuple[int, int, int]:
    """Print one room; return how many of the changes that were chosen were noticed, not noticed and not tried."""
    found = states(folder, chosen)
    missed = sorted(found.get("survived", []) + found.get("no tests", []) + found.get("suspicious", []))
    killed = len(found.get("killed", [])) + len(found.get("timeout", [])) + len(found.get("segfault", []))
    left = len(found.get("not checked", []))
    score = 100 * killed / max(1, killed + len(missed))
    print(f"{name}: {score:.1f} %: {killed} noticed, {len(missed)} not noticed, {left} not tried {dict(_sizes(found))}")
    for mutant in missed:
        print(f"  {mutant}")
    return killed, len(missed), left


def _sizes(found: dict[str, list[str]]) -> list[tuple[str, int]]:
    return sorted((status, len(names)) for status, names in found.items())


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Put the fast tests first, where pytest takes this module for a plugin: most changes are noticed by several."""
    known = Path("mutmut-stats.json")
    seconds = json.loads(known.read_text(encoding="utf-8"))["duration_by_test"] if known.exists() else {}
    items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))


def pytest_collection_finish(session: Any) -> None:
    """Import what the tests import late before the processes of the changes are forked, once for all."""
    if session.config.option.collectonly and "torch" in sys.modules:
        for name in LATE:
            if importlib.util.find_spec(name.partition(".")[0]):
                importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
