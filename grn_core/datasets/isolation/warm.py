"""The reader's own process: loads the libraries once, then reads each file in a fork of itself that may do little else.

Asked by one line of JSON on its input, answers by one on its output; ends with the process that started it.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import select
import signal
import sys
import sysconfig
import tempfile
import time
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from grn_core.assets import asset
from grn_core.datasets import formats
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.isolation import stored
from grn_core.datasets.isolation.landlock import confine
from grn_core.datasets.isolation.limits import Limits, die_with_parent, keep_to, no_room, queued_s, too_large
from grn_core.datasets.isolation.process import ANSWER, NO_ROOM
from grn_core.datasets.isolation.whole import CONTENT, check_same
from grn_core.datasets.read_as import ReadAs
from grn_core.errors import DataError, GrnError
from grn_core.genes import human_tfs_of, match_genes
from grn_core.genes.tables import SPECIES
from grn_core.homes import keep_private
from grn_core.refusals import is_full, is_locked, plain

ROOM = Path(__file__).resolve().parents[2]
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")
NO_MEMORY = ("out of memory", "memory allocation failed")
"""What libraries say that have an error of their own for it."""
LOOK_S = 1.0
"""Seconds between two looks at how long a file is being read."""
IDLE_S = 600.0
"""Seconds without a file after which the process ends; the next file starts another."""


def main() -> None:
    """Answer requests until the input ends; what is read is kept for the user of the system alone."""
    keep_private()
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii") as answers:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # what a library prints is no answer
        _load_libraries()
        _say(answers, {"ready": True})
        while line := _next_line():
            request = json.loads(line)
            if (form := _format_of(request)) is not None and form.by_anndata:
                import_module("anndata")
            _say(answers, {"status": _read_in_fork(request)})


def _load_libraries() -> None:
    import h5py  # noqa: F401
    import openpyxl  # noqa: F401 (on import it reads the system's table of types, which a reader may not)

    for name in ("SPI1", "Spi1", "ENSG00000066336", "ENSMUSG00000002111"):
        match_genes([name])  # loads the tables of genes
    for species in SPECIES:
        human_tfs_of(species)


def _say(answers: TextIO, content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()


def _next_line() -> bytes:
    """Return the next request, nothing at the input's end or after `IDLE_S`."""
    line = b""
    while not line.endswith(b"\n"):
        if hasattr(select, "poll") and not select.select([0], [], [], IDLE_S)[0]:
            return b""
        piece = os.read(0, 65536)
        if not piece:
            return b""
        line += piece
    return line


def _read_in_fork(request: dict[str, Any]) -> int:
    """Read one file in a fork; return how that ended, as `os.waitstatus_to_exitcode` says it."""
    if not hasattr(os, "fork"):  # no limits there either; the process that waits ends this one when time is up
        _answer(request, _program(len(sys.modules)))
        return 0
    alive, held = os.pipe()
    me = os.getpid()
    gc.freeze()  # a collection in the fork would copy every page of what is loaded here
    program = _program(len(sys.modules))
    child = os.fork()
    if child == 0:
        os.close(alive)
        try:
            die_with_parent(me)
            _let_go_of_files(held)
            keep_to(Limits(**request["limits"]))
            _answer(request, program)
            os._exit(0)
        except OSError as error:  # why not even the answer could be written
            os._exit(NO_ROOM if is_full(error) else 1)
        finally:
            os._exit(1)
    os.close(held)
    in_time = _wait(child, alive, asks=0, wall_s=request["limits"]["wall_s"])
    os.close(alive)
    if not in_time:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if in_time else -signal.SIGALRM


def _wait(child: int, alive: int, *, asks: int, wall_s: float) -> bool:
    """Wait until a child lets go of `alive`; return False when it has had its time, end when whoever `asks` is gone."""
    start = time.monotonic()
    while True:
        ready = select.select([alive, asks], [], [], min(wall_s, LOOK_S))[0]
        if alive in ready:
            return True
        if ready:
            os._exit(1)  # nothing is said while a file is read: whoever asked is gone, and the fork goes with him
        if time.monotonic() - start - queued_s(child) > wall_s:
            return False


def _let_go_of_files(but: int) -> None:
    """Close what the process before the fork has open: its input and its way to answer."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, but)
    os.closerange(but + 1, 256)


def _answer(request: dict[str, Any], program: list[Path]) -> None:
    """Read the file that a request names and write it, or why it cannot be read, into the folder that it names."""
    path, folder, limits = Path(request["path"]), Path(request["folder"]), Limits(**request["limits"])
    for name in [name for name in os.environ if name.startswith("GRN_")]:
        del os.environ[name]
    os.environ.update(request["settings"])
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    os.chdir(folder)
    confine(readable=[path, *program], writable=[folder])
    answer: dict[str, str] = {}
    try:
        if request.get(CONTENT):
            check_same(path, request[CONTENT])
        if "reader" in request:  # a room above has a reader of its own
            import_module(request["reader"]).read_into(path, folder, request["options"])
        else:
            stored.save(_read(path, request), folder)
    except Exception as error:  # noqa: BLE001 (whatever a library raises at a damaged file is said in words)
        answer = _refusal(error, path.name, limits)
    (folder / ANSWER).write_text(json.dumps(answer), encoding="ascii")


def _refusal(error: Exception, name: str, limits: Limits) -> dict[str, str]:
    chain = _chain(error)
    reasons = {one.errno for one in chain if isinstance(one, OSError)}
    no_memory = any(isinstance(one, MemoryError) or any(words in str(one) for words in NO_MEMORY) for one in chain)
    if no_memory or errno.EFBIG in reasons:  # a file that the reader writes may be as large as its memory
        error = too_large(name, limits)
    elif any(map(is_full, chain)):
        error = no_room(name)
    elif any(map(is_locked, chain)):
        message = f"{name} is open in another program, which may write to it"
        error = DataError(message, needed="a file that nobody writes to", todo="close it there, then read it again")
    elif not isinstance(error, GrnError):
        message = f"{name} cannot be read ({type(error).__name__}: {plain(error)[:160]})"
        error = DataError(message, needed="a complete file", todo="export or copy the file again; it may be damaged")
    assert isinstance(error, GrnError)
    return {"kind": type(error).__name__, "found": error.found, "needed": error.needed, "todo": error.todo}


def _read(path: Path, request: dict[str, Any]) -> Dataset:
    found = _format_of(request)
    if found is None:
        message = f"there is no format {request['format']!r}"
        raise DataError(message, needed=formats.in_words(), todo="save it in one of these")
    dataset = found.read(path, title=request["title"], read_as=ReadAs.from_text(request["read_as"]))
    sha256 = dataset.sha256
    return replace(dataset, ref=f"file-{sha256[:12]}").hashed(sha256)


def _format_of(request: dict[str, Any]) -> formats.Format | None:
    return next((one for one in formats.FORMATS if one.name == request.get("format")), None)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 20:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@lru_cache(maxsize=1)
def _program(n_loaded: int) -> list[Path]:  # noqa: ARG001 - more modules may lie in more places
    """Folders of Python, its packages, the system's libraries and our own code: nothing of a user's.

    A folder on the search path that is none of packages alone, as ``PYTHONPATH`` may name it, may hold anything: of
    such a one the packages that are loaded can be read.
    """
    rooms = {Path(place) for place in sysconfig.get_paths().values()} | {Path(sys.prefix), Path(sys.base_prefix)}
    rooms |= {Path(place) for place in sys.path if Path(place).name in ("site-packages", "dist-packages")}
    loaded = (getattr(module, "__file__", None) for name, module in sys.modules.items() if "." not in name)
    tops = {file.parent if file.stem == "__init__" else file for file in map(Path, filter(None, loaded))}
    outside = [top for top in tops if not any(top.is_relative_to(room) for room in rooms)]
    return [*rooms, *outside, ROOM, asset(), *map(Path, LIBRARIES)]


if __name__ == "__main__":
    main()
