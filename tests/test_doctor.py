"""What is known of an installation: settings with their origin, checks."""

from __future__ import annotations

import json
import tomllib
from collections import namedtuple
from dataclasses import fields
from pathlib import Path

import pytest

import grn_core
from grn_core import doctor, login
from grn_core.doctor import in_order
from grn_core.errors import RequestError
from grn_core.settings import DEFAULTS, MEANINGS, Settings, settings

ROOT = Path(__file__).resolve().parents[1]
Memory = namedtuple("Memory", "available total")


def check(title: str) -> doctor.Check:
    return next(one for one in doctor.checks() if one.title == title)


def row(variable: str) -> doctor.SettingInForce:
    return next(one for one in doctor.settings_in_force() if one.variable == variable)


def test_every_setting_says_what_it_means():
    assert list(MEANINGS) == [one.name for one in fields(Settings)]
    assert DEFAULTS.keys() <= MEANINGS.keys()


def test_a_setting_says_where_its_value_comes_from(monkeypatch, tmp_path):
    monkeypatch.setenv("GRN_MAX_CELLS", "7")
    monkeypatch.setenv("GRN_THREADS", "")
    assert (row("GRN_MAX_CELLS").value, row("GRN_MAX_CELLS").default) == ("7", "2000000")
    assert (row("GRN_MAX_CELLS").origin, row("GRN_THREADS").origin) == ("GRN_MAX_CELLS", "default")
    assert (row("GRN_THREADS").value, row("GRN_DATA").value) == ("0", "not set")
    assert row("GRN_MODELS").value == str(settings().home / "models")
    monkeypatch.setenv("GRN_MODELS", str(tmp_path))
    assert (row("GRN_MODELS").value, row("GRN_MODELS").default) == (str(tmp_path), "models, in GRN_HOME")


AUTH = '[auth]\nredirect_uri = "http://127.0.0.1:8501/oauth2callback"\n'


@pytest.mark.parametrize(
    ("content", "mode", "state", "words"),
    [
        (None, 0, "ok", "not asked for"),
        ("", 0o600, "ok", "not asked for"),
        (AUTH, 0o600, "ok", "asked for; open the app at http://127.0.0.1:8501"),
        (AUTH, 0o644, "note", "asked for; open the app at http://127.0.0.1:8501. secrets.toml has the mode 644"),
        ("token = 1", 0o660, "note", "not asked for. secrets.toml has the mode 660"),
        ("[auth\n", 0o600, "fault", "cannot be read, so nobody gets in"),
    ],
)
def test_the_login_and_who_can_read_its_secrets_are_told(monkeypatch, tmp_path, content, mode, state, words):
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / ".streamlit").mkdir()
        file = tmp_path / ".streamlit" / "secrets.toml"
        file.write_text(content, encoding="utf-8")
        file.chmod(mode)
    found = check("Login")
    assert (found.state, words in found.found) == (state, True), found.found
    assert str(tmp_path) not in found.found


def test_the_secrets_beside_the_app_count_most_wherever_it_is_started(monkeypatch, tmp_path):
    """Streamlit reads them too: a login that is asked for is never said not to be."""
    here, app = tmp_path / "here", tmp_path / "app"
    for folder, host in ((here, "wrong"), (app, "right")):
        (folder / ".streamlit").mkdir(parents=True)
        file = folder / ".streamlit" / "secrets.toml"
        file.write_text(AUTH.replace("127.0.0.1", host), encoding="utf-8")
        file.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(here)
    monkeypatch.setattr(login, "app_script", lambda: app / "app.py")
    assert check("Login").found == "asked for; open the app at http://right:8501"


def test_secrets_in_a_folder_that_may_not_be_searched_are_a_fault(monkeypatch, tmp_path):
    def refused(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", refused)
    with pytest.raises(RequestError, match="cannot be read"):
        login.login_here(tmp_path)


def test_all_is_in_order_here():
    assert [one.title for one in doctor.checks() if one.state == "fault"] == []


@pytest.mark.parametrize("where", ["/proc/x", __file__])
def test_a_data_folder_that_cannot_be_written_is_a_fault(monkeypatch, where):
    monkeypatch.setenv("GRN_HOME", where)
    found = check("Data folder")
    assert found.state == "fault"
    assert found.error.todo == "name another data folder with --home or GRN_HOME"
    assert doctor.facts(settings())["home_writable"] is False


def test_a_device_that_is_not_here_is_a_fault(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("GRN_DEVICE", "cuda")
    assert (check("Device").state, check("Device").error.todo) == ("fault", "set GRN_DEVICE")


@pytest.mark.parametrize(("content", "words"), [(b"version https://git-lfs", "cut short"), (None, "not there")])
def test_weights_that_did_not_come_along_are_a_fault(monkeypatch, tmp_path, content, words):
    (tmp_path / "models" / "compact").mkdir(parents=True)
    if content is not None:
        (tmp_path / "models" / "compact" / "model.safetensors").write_bytes(content)
    monkeypatch.setattr(in_order, "asset", tmp_path.joinpath)
    assert words in check("Bundled files").found
    assert check("Bundled files").state == "fault"


def test_another_python_is_a_fault(monkeypatch):
    monkeypatch.setattr(in_order.sys, "version_info", (3, 14, 0))
    assert check("Python").state == "fault"
    assert check("Python").error.needed == "Python 3.11 to 3.13"


def test_little_disk_and_memory_are_notes(monkeypatch):
    monkeypatch.setattr(in_order, "free_disk", lambda: in_order.LOW - 1)
    monkeypatch.setattr(in_order.psutil, "virtual_memory", lambda: Memory(in_order.LOW - 1, 8 * 10**9))
    assert (check("Disk").state, check("Memory").state) == ("note", "note")
    monkeypatch.setattr(in_order, "free_disk", lambda: in_order.LOW)
    monkeypatch.setattr(in_order.psutil, "virtual_memory", lambda: Memory(in_order.LOW, 8 * 10**9))
    assert (check("Disk").state, check("Memory").state) == ("ok", "ok")


def test_all_of_it_is_json():
    text = json.dumps(doctor.to_json())
    assert {"grn_core", "device", "settings", "disk", "checks"} <= json.loads(text).keys()


def test_the_version_and_the_accepted_pythons_are_the_same_everywhere():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    assert project["version"] == grn_core.__version__ == doctor.facts(settings())["grn_core"]
    (first, last) = in_order.PYTHONS
    assert project["requires-python"] == f">={first[0]}.{first[1]},<{last[0]}.{last[1] + 1}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"({first[0]}, {first[1]}) <= sys.version_info[:2] <= ({last[0]}, {last[1]})" in makefile
    versions = [f"3.{minor}" for minor in range(first[1], last[1] + 1)]
    assert f"PYTHONS := {' '.join(f'python{version}' for version in versions)}" in makefile
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert requirements.startswith(f"# Python {', '.join(versions[:-1])} or {versions[-1]}.")


@pytest.mark.parametrize(("version", "state"), [(0, "note"), (3, "ok")])
def test_a_reader_that_cannot_be_fenced_in_is_said(monkeypatch, version, state):
    monkeypatch.setattr(in_order.landlock, "version", lambda: version)
    assert check("Reader of files").state == state


def test_a_data_folder_that_others_can_enter_is_told(grn_home):
    grn_home.chmod(0o700)
    assert in_order.writable().state == "ok"
    grn_home.chmod(0o750)
    assert in_order.writable().state == "note"
    assert f"chmod -R go= {grn_home}" in in_order.writable().found
