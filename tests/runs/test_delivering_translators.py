"""A translator is put in its place whole, whenever the one who puts it there is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grn_core import cli
from grn_core.runs import RunStore, jobs
from grn_core.runs.kinds.train_translator import CARD, FILES, TRAIN_TRANSLATOR, TRANSLATOR

KILLED_AT_EVERY_STEP = """
import os, shutil, signal, sys
from pathlib import Path
from grn_core.files import copy_whole

FILES = sys.argv[2:]
old, new, place = (Path(sys.argv[1], name) for name in ("old", "new", "place"))
left = [0]

def counted(step):
    def stepped(*given, **options):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*given, **options)
    return stepped

def content(folder):
    return [(folder / name).read_bytes() if (folder / name).exists() else None for name in FILES]

steps, killed = 0, True
while killed:
    shutil.rmtree(place, ignore_errors=True)
    copy_whole(old, place, last=FILES[-1])
    child = os.fork()
    if not child:
        left[0] = steps
        shutil.copyfile = counted(shutil.copyfile)
        Path.unlink, Path.replace = counted(Path.unlink), counted(Path.replace)
        copy_whole(new, place, last=FILES[-1])
        os._exit(0)
    killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
    found = content(place)
    card = found[-1]
    assert card is None or found == content(old if card == b"card of old" else new), (steps, found)
    copy_whole(new, place, last=FILES[-1])
    assert content(place) == content(new), steps
    steps += 1
print(steps)
"""


def test_there_is_never_a_card_beside_the_weights_of_another(tmp_path):
    for one in ("old", "new"):
        (tmp_path / one).mkdir()
        for name in FILES:
            (tmp_path / one / name).write_text(f"{name.split('.')[0]} of {one}", encoding="utf-8")
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, tmp_path, *FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 2 * len(FILES) + 1, "every file is written beside its place, and the old card taken away"


def with_made_up_weights():
    """Let no translator be trained: what is made of it is written at once; returns what to put back."""

    def write(request, folder, _progress):
        (folder / TRANSLATOR).mkdir(exist_ok=True)
        for name in FILES:
            (folder / TRANSLATOR / name).write_text(json.dumps({"evaluation": [], "file": name}), encoding="utf-8")
        return {"name": request.name}

    return jobs.register(replace(TRAIN_TRANSLATOR, run=write))


KILLED_BEFORE_DONE = """
import os, signal, sys, threading
from grn_core import cli
from grn_core.runs import manager, worker
from tests.runs.test_delivering_translators import with_made_up_weights

with_made_up_weights()

worker.OwnStatus.end = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
def start(store, run_id, *, attempts):
    store.write_status(run_id, manager.RunStatus("queued", attempts=attempts, pid=os.getpid()))
    threading.Thread(target=worker.main, args=([run_id, "--home", str(store.root.parent)],)).start()
manager._start = start
cli.main(sys.argv[1:])
"""


@pytest.fixture
def made_up_weights():
    yield with_made_up_weights()
    jobs.register(TRAIN_TRANSLATOR)


@pytest.mark.thorough
@pytest.mark.usefixtures("runs_here", "made_up_weights")
def test_the_same_command_goes_on_after_a_kill_between_install_and_done(tmp_path, grn_home, capsys):
    reference = tmp_path / "edges.tsv"
    reference.write_text("source\ttarget\nSPI1\tLYZ\n", encoding="utf-8")
    command = ["train-translator", "--reference", str(reference), "--name", "mine"]
    child = [sys.executable, "-c", KILLED_BEFORE_DONE, *command]
    killed = subprocess.run(child, cwd=Path(__file__).parents[2], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    place = grn_home / "translators" / "mine"
    written = [(place / name).stat().st_mtime_ns for name in FILES]
    (run,) = RunStore().list_runs()
    assert run.status.state == "interrupted"

    card = (place / CARD).read_text(encoding="utf-8")
    (place / CARD).write_text("{}", encoding="utf-8")  # another's
    assert cli.main(command) == 2
    assert "mine holds a translator" in capsys.readouterr().err
    (place / CARD).write_text(card, encoding="utf-8")

    assert cli.main(command) == 0, capsys.readouterr().err
    (run,) = RunStore().list_runs()
    assert run.status.state == "done"
    assert [(place / name).read_bytes() for name in FILES] == [
        (RunStore().path(run.run_id) / "translator" / name).read_bytes() for name in FILES
    ]
    assert written != [(place / name).stat().st_mtime_ns for name in FILES]
    assert cli.main(command) == 2, "now it is there"
