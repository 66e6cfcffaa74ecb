"""A compiled module is whole or absent, whatever the disk takes of it."""

from __future__ import annotations

import importlib.util
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = "import grn_core\n" + "".join(f"value_{n} = 'a text of number {n}'\n" for n in range(400))


def loaded(folder: Path, *, most: int | None = None) -> subprocess.CompletedProcess[str]:
    """Load a module in a process of its own, whose files may be of so many bytes at most."""

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    code = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(folder)!r}]; import grn_core, long; print(long.value_7)"
    environment = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", code], preexec_fn=limit, env=environment, capture_output=True, text=True, check=False
    )


def test_a_disk_without_room_leaves_no_compiled_module_that_is_cut_off(tmp_path):
    (tmp_path / "long.py").write_text(SOURCE, encoding="utf-8")
    compiled = Path(importlib.util.cache_from_source(str(tmp_path / "long.py")))
    assert loaded(tmp_path, most=3000).stdout == "a text of number 7\n"
    assert not compiled.exists()
    assert loaded(tmp_path).stdout == "a text of number 7\n"
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[:3000])  # as an earlier version left it
    assert loaded(tmp_path).stdout == "a text of number 7\n"
    assert not compiled.exists() or compiled.read_bytes() == whole
