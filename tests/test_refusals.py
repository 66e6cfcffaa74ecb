"""What the machine refuses is said in words, without a path and without a traceback, wherever errors are shown."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from grn_core import cli
from grn_core.datasets.isolation import warm
from grn_core.datasets.isolation.limits import limits_for
from grn_core.errors import DataError, GrnError
from grn_core.executors.remote import said
from grn_core.files import reserve, write_array, write_json
from grn_core.refusals import DISK, plain, refusal, words_of
from grn_core.runs import InferRequest, RunStore, manager
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.state import describe_error

SECRET = "/srv/secret/place"
SAID = {
    "numpy": OSError("4000 requested and 1024 written"),
    "safetensors": RuntimeError("I/O error: No space left on device (os error 28)"),
    "hdf5": OSError("Can't write data (file write failed: errno = 28, error message = 'No space left on device')"),
}


@pytest.mark.parametrize("number", DISK)
def test_each_refusal_is_in_words(number):
    told = refusal(OSError(number, os.strerror(number), SECRET))
    assert told.found
    assert told.todo
    assert SECRET not in str(told)
    assert "Errno" not in str(told)


def test_a_lock_that_would_wait_for_itself_is_a_file_in_use():
    assert "in use elsewhere" in str(refusal(OSError(errno.EDEADLK, os.strerror(errno.EDEADLK))))


@pytest.mark.parametrize("number", DISK)
def test_each_refusal_is_in_words_where_a_folder_is_copied(number, tmp_path):
    def refused(*_):
        raise OSError(number, os.strerror(number), SECRET)

    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").touch()
    with pytest.raises(OSError, match=SECRET) as caught:
        shutil.copytree(tmp_path / "a", tmp_path / "b", copy_function=refused)
    assert str(refusal(caught.value)) == str(refusal(OSError(number, "")))


@pytest.mark.parametrize("error", SAID.values(), ids=SAID)
def test_a_full_disk_is_told_from_what_libraries_say(error):
    assert refusal(error).found == "the disk is full"


def test_memory_is_told_whoever_says_it():
    for error in (MemoryError(), OSError(errno.ENOMEM, "x"), ImportError("libx.so: failed to map segment"),
                  RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")):  # fmt: skip
        assert "memory" in refusal(error).found


def test_a_file_that_another_program_has_open_is_told_from_a_process_that_cannot_start(tmp_path):
    h5py.File(tmp_path / "cells.h5ad", "w").close()
    with (tmp_path / "cells.h5ad").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError) as caught:
            h5py.File(tmp_path / "cells.h5ad")
    assert refusal(caught.value).found == "a file is in use elsewhere"
    of_macos = OSError(str(caught.value).replace("errno = 11", "errno = 35"))
    assert str(of_macos) != str(caught.value)
    assert refusal(of_macos).found == "a file is in use elsewhere"
    assert "process" in refusal(BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))).found
    read = DataError("it cannot be read as HDF5 file")
    read.__cause__ = caught.value
    told = warm._refusal(read, "cells.h5ad", limits_for(1000))
    assert told["found"] == "cells.h5ad is open in another program, which may write to it"


@pytest.mark.parametrize("error", [ConnectionRefusedError(errno.ECONNREFUSED, "refused"), TimeoutError("timed out")])
def test_a_connection_is_told_as_none_of_files(error):
    assert words_of(error).found.startswith("another process or machine does not answer: ")


def test_an_error_is_told_where_a_setting_cannot_be(monkeypatch):
    monkeypatch.setenv("GRN_THREADS", "many")
    assert_no_place(str(words_of(OSError(f"cannot open {SECRET}/cells.h5"))))


def test_a_refusal_is_seen_through_what_was_made_of_it():
    made = ValueError(f"cannot write {SECRET}")
    made.__cause__ = OSError(errno.ENOSPC, "No space left on device", SECRET)
    assert refusal(made).found == "the disk is full"
    assert SECRET not in str(describe_error(made, log=SECRET))


@pytest.mark.parametrize(
    "error", [ValueError("x"), FileNotFoundError(errno.ENOENT, "x"), DataError("the disk is full")]
)
def test_other_errors_are_no_refusal(error):
    assert refusal(error) is None


def test_the_command_line_says_it(monkeypatch, capsys, grn_home):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", SECRET)

    monkeypatch.setattr("grn_core.cli.check_home", full)
    assert cli.main(["infer", "GSD"]) == 2
    assert capsys.readouterr().err.startswith("error: the disk is full; needed: free space")


@pytest.mark.parametrize(
    "words",
    [
        ["datasets", "check", "~no such user/x.h5ad"],
        ["import", "~no such user/x.tsv"],
        ["train-translator", "--name=mine", "--reference=beeline:~no such user:hESC:STRING"],
        ["benchmark", "--suite=own", "--reference=~no such user/x.tsv"],
    ],
)
def test_the_home_of_nobody_is_told_in_a_line(words, capsys):
    assert cli.main(words) == 2
    (line,) = [one for one in capsys.readouterr().err.splitlines() if one.startswith("error")]
    assert line.startswith("error: a path begins with the name of a user who has no home on this machine; needed:")


def test_cells_that_are_not_there_are_named(tmp_path, capsys):
    assert cli.main(["train-translator", "--name=mine", "--reference=omnipath", f"--cells={tmp_path / 'x.h5ad'}"]) == 2
    assert f"there is no file {tmp_path / 'x.h5ad'}; needed: a file of measured cells" in capsys.readouterr().err


@contextmanager
def small_files(most: int):
    """Let no file of this process and of those that it starts become larger than so many bytes.

    For so long alone: what pytest writes of the test, perhaps into a file, is larger.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_cannot_be_written_leaves_nothing_half(tmp_path):
    write_json(tmp_path / "a.json", {"a": 1})
    for name, write in (
        ("a.json", lambda p: write_json(p, "x" * 9000)),
        ("b.npy", lambda p: write_array(p, np.ones(5000))),
    ):
        with pytest.raises(OSError, match=r"File too large|requested and") as caught, small_files(4096):
            write(tmp_path / name)
        assert isinstance(refusal(caught.value), GrnError)
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text(encoding="utf-8").strip() == '{\n "a": 1\n}'


def test_room_is_taken_before_it_is_written(tmp_path):
    with (tmp_path / "a").open("wb") as file:
        file.truncate(1 << 20)
    reserve(tmp_path / "a")
    assert (tmp_path / "a").stat().st_blocks * 512 >= 1 << 20


def test_a_run_that_finds_no_room_says_so_and_goes_on_when_there_is(grn_home, runs_here):
    wanted = InferRequest(dataset_ref=GENES_ONLY, genes=("SPI1", "GATA1", "LYZ", "CD14"), tfs=("SPI1",), seeds=(0,))
    with small_files(6000):
        run_id = manager.submit(wanted)
        status = manager.wait(run_id, timeout_s=60)
    assert status.state == "failed"
    assert status.error["found"] == "a file would become larger than this user may write"
    assert str(grn_home) not in str(status.to_json())
    assert manager.submit(wanted) == run_id
    assert manager.wait(run_id, timeout_s=60).state == "done"
    assert len(RunStore().edges(run_id)) == 3


@pytest.fixture
def page():
    """A page on which an error is raised; what it shows."""

    def script(number: int, place: str) -> None:
        import os

        from pages.components.shared.messages import errors_shown

        with errors_shown():
            raise OSError(number, os.strerror(number), place, None, place)

    def seen(number: int) -> str:
        found = AppTest.from_function(script, args=(number, SECRET)).run()
        assert not found.exception
        return " ".join(one.value for one in found.error)

    return seen


def said_by_the_command(number: int, capsys) -> str:
    def refused() -> None:
        raise OSError(number, os.strerror(number), SECRET, None, SECRET)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grn_core.cli.check_home", refused)
        assert cli.main(["infer", "GSD"]) == 2
    return capsys.readouterr().err


def assert_no_place(text: str) -> None:
    assert text
    for said_of_it in ("/srv", "Errno", "Traceback"):
        assert said_of_it not in text


@pytest.mark.usefixtures("grn_home")
def test_no_error_of_files_names_a_place_wherever_it_is_told():
    for number in errno.errorcode:
        error = OSError(number, os.strerror(number), SECRET, None, SECRET)
        assert_no_place(str(words_of(error)))
        assert_no_place(str(describe_error(error, log="the log")))
        assert_no_place(str(said(error)))
        assert_no_place(str(warm._refusal(error, "cells.h5ad", limits_for(1000))))


SOME = [
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.ENOENT,
    errno.ENAMETOOLONG,
    errno.EMFILE,
    errno.EIO,
    errno.EINVAL,
]


@pytest.mark.usefixtures("grn_home")
def test_nor_does_the_command_line(capsys):
    for number in SOME:
        text = said_by_the_command(number, capsys)
        assert_no_place(text)
        assert text.count("\n") == 1


def test_nor_does_a_page(page):
    for number in (errno.EROFS, errno.ENOENT):
        text = page(number)
        assert_no_place(text)
        assert "What to do" in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cannot open /srv/secret/place.h5", "cannot open place.h5"),
        ("name = '/a/b c/d.h5', errno = 2", "name = 'b c/d.h5', errno = 2"),
        ("see https://example.org/a/b for 3/4 of them", "see https://example.org/a/b for 3/4 of them"),
        (f"{Path.home()}/x y/z.tsv is odd", "x y/z.tsv is odd"),
    ],
)
def test_of_a_place_the_name_alone_is_said(text, told):
    assert plain(ValueError(text)) == told
