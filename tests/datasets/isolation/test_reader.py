"""Files are parsed by a process of its own alone, which has limits, and ends with the one that asked it."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import psutil
import pytest

from grn_core.datasets import formats, list_uploads, load, read, store_upload
from grn_core.datasets.isolation import landlock, process, reader, warm
from grn_core.datasets.isolation.limits import Limits, limits_for, queued_s
from grn_core.datasets.local import file_ref
from grn_core.errors import DataError
from grn_core.settings import settings
from tests.datasets.helpers import MOUSE, cells, saved, table
from tests.datasets.isolation import hostile
from tests.test_refusals import SAID

CSV = table().to_csv().encode()
NO_TIME = Limits(memory_mb=900, cpu_s=10, wall_s=0.001)


@pytest.fixture
def refuses_to_parse(monkeypatch):
    """Let every format fail in this process."""
    from dataclasses import replace

    def refuse(*_, **__):
        message = "parsed in this process"
        raise AssertionError(message)

    monkeypatch.setattr(formats, "FORMATS", [replace(one, read=refuse) for one in formats.FORMATS])


@pytest.mark.usefixtures("refuses_to_parse")
def test_no_file_is_parsed_in_this_process(tmp_path):
    (tmp_path / "cells.csv").write_bytes(CSV)
    path = saved(cells(genes=MOUSE), tmp_path)
    assert read(tmp_path / "cells.csv").n_cells == 12
    assert read(path).match.species == "mouse"
    assert load(store_upload("a.csv", io.BytesIO(CSV))).n_cells == 12
    assert load(file_ref(path)).obs["cell_type"].nunique() == 2


def test_a_process_that_opens_an_upload_needs_no_reader_and_no_anndata(tmp_path):
    ref = store_upload("cells.h5ad", io.BytesIO(saved(cells(), tmp_path).read_bytes()))
    script = (
        "import sys\nfrom grn_core import datasets\nfrom grn_core.datasets.isolation import process\n"
        f"print(datasets.load({ref!r}).sha256, 'anndata' in sys.modules, len(process._idle))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [load(ref).sha256, "False", "0"]


def test_the_formats_that_say_so_alone_are_read_by_anndata(tmp_path):
    (tmp_path / "cells.csv").write_bytes(CSV)
    table().to_excel(tmp_path / "cells.xlsx")
    table().to_parquet(tmp_path / "cells.parquet")
    saved(cells(), tmp_path)
    script = (
        "import sys\nfrom pathlib import Path\nfrom grn_core.datasets import formats\n"
        "from grn_core.datasets.read_as import ReadAs\n"
        "for name in ('cells.csv', 'cells.xlsx', 'cells.parquet', 'cells.h5ad'):\n"
        f"    path = Path({str(tmp_path)!r}, name)\n"
        "    form = formats.format_of(path)\n"
        "    form.read(path, title=name, read_as=ReadAs())\n"
        "    print(form.by_anndata == ('anndata' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4


def test_a_file_that_once_held_its_reader_too_long_is_not_read_by_its_address_again(tmp_path, monkeypatch):
    path = saved(cells(), tmp_path)
    file, upload = file_ref(path), store_upload("cells.h5ad", io.BytesIO(path.read_bytes()))
    for one in (settings().home / "cells").glob("*/record.json"):
        one.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(reader, "limits_for", lambda _: NO_TIME)
        with pytest.raises(DataError, match="took longer") as first:
            load(file)
        assert first.value.todo
    monkeypatch.setattr(reader, "ask", lambda *_, **__: pytest.fail("read again"))
    for ref in (file, upload):
        with pytest.raises(DataError, match="took longer"):
            load(ref)
    monkeypatch.undo()
    monkeypatch.setenv("GRN_HOME", str(settings().home))


def test_who_names_the_file_again_has_it_read_again(tmp_path, monkeypatch):
    path = saved(cells(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(reader, "limits_for", lambda _: NO_TIME)
        with pytest.raises(DataError, match="took longer"):
            read(path)
    assert list((settings().home / "refused").iterdir())
    assert read(path).n_cells == 12
    assert not list((settings().home / "refused").iterdir())
    assert load(file_ref(path)).n_cells == 12


def test_limits_grow_with_the_file_and_end(monkeypatch):
    small, middle, large = (limits_for(size * 1024**2) for size in (2, 50, 1024))
    assert small.cpu_s <= 10
    assert small.wall_s == middle.wall_s == 60
    assert small.memory_mb < middle.memory_mb < large.memory_mb == 1024 * settings().max_unpacked_gb
    assert large.wall_s < 600
    monkeypatch.setenv("GRN_MAX_UPLOAD_MB", "0")  # what the app lets in is no limit of a local file
    assert limits_for(1024**3) == large
    monkeypatch.setenv("GRN_MAX_UNPACKED_GB", "0")
    assert limits_for(1024**3).memory_mb == 448


@pytest.mark.skipif(os.name != "posix", reason="pipes that can be waited for")
@pytest.mark.parametrize("busy", [False, True])
def test_a_reader_that_hangs_is_given_up_but_not_one_that_waits_for_the_processor(monkeypatch, busy):
    started = time.monotonic()
    monkeypatch.setattr(warm, "queued_s", lambda _: time.monotonic() - started if busy else 0.0)
    (alive, held), (asks, asking) = os.pipe(), os.pipe()
    if busy:  # it gets there in the end
        threading.Timer(0.5, os.close, [held]).start()
    assert warm._wait(os.getpid(), alive, asks=asks, wall_s=0.1) == busy
    for one in (alive, asks, asking, *([] if busy else [held])):
        os.close(one)


def test_a_process_that_is_no_more_waits_for_nothing():
    assert queued_s(os.getpid()) >= 0
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert queued_s(gone.pid) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_reader_that_crashes_is_said_in_words(tmp_path, monkeypatch, sent):
    (tmp_path / "cells.csv").write_bytes(CSV)
    monkeypatch.setattr(reader, "ask", lambda *_, **__: -sent)
    with pytest.raises(DataError, match=r"crashed \(SIG|took longer"):
        read(tmp_path / "cells.csv")


@pytest.mark.skipif(os.name != "posix", reason="forks")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_without_room_for_an_answer_is_no_fault_of_the_file(tmp_path, monkeypatch, number):
    def full(*_):
        raise OSError(number, os.strerror(number))

    path = saved(cells(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(warm, "_answer", full)
        patch.setattr(warm, "_wait", lambda *_, **__: True)
        status = warm._read_in_fork({"limits": asdict(limits_for(1000))})
        patch.setattr(reader, "ask", lambda *_, **__: status)
        with pytest.raises(DataError, match=r"no room is left to keep what was read of .*\.h5ad"):
            load(file_ref(path))
    assert load(file_ref(path)).n_cells == cells().n_obs, "it is read when there is room again"


@pytest.mark.parametrize("error", SAID.values(), ids=SAID)
def test_a_reader_says_that_there_is_no_room_whatever_library_finds_it(error):
    assert "no room is left" in warm._refusal(error, "cells.h5ad", limits_for(1000))["found"]


def test_a_reader_that_cannot_start_is_said_in_words(tmp_path, monkeypatch):
    (tmp_path / "cells.csv").write_bytes(CSV)
    monkeypatch.setattr(process, "_idle", [])
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DataError, match="exit code 1"):
        read(tmp_path / "cells.csv")
    with pytest.raises(DataError, match="exit code 1"):
        store_upload("cells.csv", io.BytesIO(CSV))
    assert list_uploads() == []


def test_readers_are_few_at_a_time_and_one_is_kept(tmp_path):
    paths = [tmp_path / f"{number}.csv" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_bytes(table(seed=number).to_csv().encode())
    most, found = [0], []

    def readers() -> int:
        """Children of this process that are readers; other tests may have left others running."""
        count = 0
        for child in psutil.Process().children():
            with suppress(psutil.Error):
                count += process.MODULE in child.cmdline()
        return count

    ended = threading.Event()

    def look():
        while not ended.wait(0.02):
            most[0] = max(most[0], readers())

    threads = [threading.Thread(target=lambda path=path: found.append(read(path).n_cells)) for path in paths]
    watch = threading.Thread(target=look)
    for thread in (watch, *threads):
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    ended.set()
    watch.join(timeout=120)
    assert found == [12] * 6
    assert 1 <= most[0] <= reader.AT_ONCE
    assert len(process._idle) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc of Linux")
def test_the_reader_knows_no_secret_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(process, "_idle", [])
    (tmp_path / "cells.csv").write_bytes(CSV)
    read(tmp_path / "cells.csv")
    (kept,) = process._idle
    assert b"hf_secret" not in Path(f"/proc/{kept.process.pid}/environ").read_bytes()
    kept.end()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel ends it on Linux alone")
def test_a_reader_ends_with_the_process_that_asked_it(tmp_path):
    path = hostile.long_names(tmp_path)
    script = (
        "import sys\nfrom grn_core.datasets import read\nfrom grn_core.datasets.isolation import reader\n"
        "from grn_core.datasets.isolation.limits import Limits\n"
        "reader.limits_for = lambda size: Limits(memory_mb=3000, cpu_s=100, wall_s=100)\n"
        f"read({str(path)!r})"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as owner:
        asked, readers, end = psutil.Process(owner.pid), [], time.monotonic() + 300
        while len(readers) < 2 and time.monotonic() < end:  # what was once seen counts: the fork may end at any time
            time.sleep(0.02)
            readers = asked.children(recursive=True)
        owner.kill()
    assert len(readers) == 2  # the process with the libraries, and its fork that reads
    assert psutil.wait_procs(readers, timeout=60)[1] == []


def test_of_a_folder_that_may_hold_anything_the_loaded_packages_alone_can_be_read(tmp_path, monkeypatch):
    for place in ("anything/package", "lib/site-packages"):
        (tmp_path / place).mkdir(parents=True)
        monkeypatch.syspath_prepend((tmp_path / place).parent if place.endswith("package") else tmp_path / place)
    (tmp_path / "anything" / "package" / "__init__.py").touch()
    (tmp_path / "anything" / "alone.py").touch()
    for name in ("package", "alone"):
        import_module(name)
    readable = [place for place in warm._program(0) if place.is_relative_to(tmp_path)]
    anything = tmp_path / "anything"
    assert set(readable) == {anything / "package", anything / "alone.py", tmp_path / "lib" / "site-packages"}
    for name in ("package", "alone"):
        del sys.modules[name]


def test_what_a_killed_process_left_is_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    folder = settings().uploads
    ours, theirs = folder / f".part-{os.getpid()}-x", folder / f".part-{dead.pid}-x"
    for one in (ours, theirs):
        one.mkdir(parents=True)
        (one / "cells.csv").write_bytes(CSV)
    old = folder / ".part-abcd"
    old.mkdir()
    os.utime(old, (1e9, 1e9))
    list_uploads()
    assert [path.name for path in folder.glob(".part-*")] == [ours.name]


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_a_confined_process_can_reach_nothing_else(tmp_path):
    for name in ("in", "out", "away"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="ascii")
    script = f"""
import json, os, subprocess, sys
from pathlib import Path
from grn_core.datasets.isolation.landlock import confine
place = Path({str(tmp_path)!r})
told = [confine(readable=[place / "in", place / "absent"], writable=[place / "out"])]
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "done"
told += [
    tried(lambda: (place / "in" / "file").read_text()),
    tried(lambda: (place / "out" / "new").write_text("x")),
    tried(lambda: (place / "in" / "file").write_text("x")),
    tried(lambda: (place / "away" / "file").read_text()),
    tried(lambda: Path("/etc/passwd").read_text()),
    tried(lambda: os.listdir("/")),
    tried(lambda: (place / "out" / "link").symlink_to("/etc/passwd")),
    tried(lambda: os.execv(sys.executable, [sys.executable, "-c", ""])),
]
print(json.dumps(told))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    no = "PermissionError"
    assert json.loads(done.stdout) == [True, "done", "done", no, no, no, no, no, no]
