"""Law: a shown command runs as it stands in a fresh shell with an empty environment, and finds the same data."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from grn_core import shell
from grn_core.cli import main
from grn_core.cli.command import START, shown
from grn_core.datasets import load
from grn_core.runs import CoexpressionRequest, RunStatus, RunStore
from grn_core.settings import HOME, settings
from pages.components.shared import shell as on_pages
from pages.components.shared.messages import worded
from tests.pages.app import open_page

ROOT = Path(__file__).resolve().parents[1]
ODD = 'it\'s a "home" `of` more'


def in_a_fresh_shell(command: str) -> subprocess.CompletedProcess[str]:
    words = ["/bin/sh", "-c", command]
    return subprocess.run(words, cwd=ROOT, env={}, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def odd_home(tmp_path, monkeypatch):
    home = tmp_path / ODD
    monkeypatch.setenv("GRN_HOME", str(home))
    return home


def finished() -> tuple[CoexpressionRequest, str]:
    data, store = load("pbmc68k"), RunStore()
    request = CoexpressionRequest(
        dataset_ref=data.ref, dataset_sha=data.sha256, n_variable=40, tfs=("IRF8", "HES4"), method="pearson"
    )
    run_id = store.write_request(request)
    store.write_status(run_id, RunStatus("failed", message="made up", error={"found": "made up"}))
    return request, run_id


@pytest.mark.usefixtures("odd_home")
def test_a_command_that_is_shown_finds_the_same_run_from_an_empty_environment():
    request, run_id = finished()
    for command in (
        f"{shell.START} runs show {run_id} --json",
        f"{shell.START} runs list --json",
    ):
        found = in_a_fresh_shell(shell.here(command))
        assert found.returncode == 0, found.stderr
        assert run_id in found.stdout
    words = shlex.split(shell.here(shown(request)))
    assert words[0] == f"GRN_HOME={settings().home}"
    assert words[-len(shlex.split(shown(request))) + 1 :] == shlex.split(shown(request))[1:]


def test_the_home_is_named_only_where_it_is_not_the_usual_one(monkeypatch):
    monkeypatch.delenv("GRN_HOME", raising=False)
    assert settings().home == HOME
    assert shell.start().endswith(shlex.join(START[1:]))
    assert len(shlex.split(shell.start())) == len(START)
    monkeypatch.setenv("GRN_DATA", "public archives")
    (told, *_) = shlex.split(shell.start())
    assert told == f"GRN_DATA={Path('public archives').absolute()}"


def test_the_python_is_the_one_that_works_now():
    python = shlex.split(shell.start())[-3]
    code = shlex.quote("import sys; print(sys.prefix)")
    assert Path(in_a_fresh_shell(f"{python} -c {code}").stdout.strip()).samefile(sys.prefix)


@pytest.mark.parametrize(
    "text",
    [f"run `{shell.START} data check`, or delete it", f"`{shell.START} runs list` and `{shell.START} models list`"],
)
@pytest.mark.usefixtures("odd_home")
def test_sentences_name_commands_as_they_are_typed_here(text):
    assert shell.here(text).count(shell.start()) == text.count(shell.START)
    assert shell.here(shell.here(text)) == shell.here(text)
    assert len(re.findall(rf"(`+) ?{re.escape(shell.start())}", worded(text))) == text.count(shell.START)
    untouched = "see .venv/bin/python -m grn_core, and python -m grn_core.runs.worker"
    assert shell.here(untouched) == untouched


def test_errors_of_the_command_line_name_them_so_too(capsys, odd_home):
    assert main(["runs", "show", "0123456789abcdef"]) == 2
    request, run_id = finished()
    assert main(["runs", "show", run_id]) == 0
    assert shell.here(shown(request)) in capsys.readouterr().out


def test_pages_show_commands_at_one_place_and_to_others_no_folder(monkeypatch, odd_home):
    wrong = [
        path
        for path in (ROOT / "pages").rglob("*.py")
        if 'language="bash"' in path.read_text(encoding="utf-8") and path.name != "shell.py"
    ]
    assert not wrong, f"pages/components/shared/shell.py shows commands, not {wrong}"
    app = open_page("pages/explore/infer.py", dataset="pbmc68k")
    commands = [one.value for one in app.code if "grn_core" in one.value]
    assert commands
    assert all(one.startswith(shell.start()) for one in commands)
    monkeypatch.setattr(on_pages, "open_to_others", lambda: "0.0.0.0")
    app = open_page("pages/explore/infer.py", dataset="pbmc68k")
    assert not any(ODD in one.value for one in app.code)
