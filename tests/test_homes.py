"""The homes of several users of one installation: whose is whose, for their owner alone, and found by whoever asks."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from grn_core import homes as homes_module
from grn_core.caches import used
from grn_core.files import make_private, part_folder, write_array, write_json
from grn_core.homes import as_usual, home_of, homes, is_users, kept_private, within_reach
from grn_core.runs.store import RunStore
from grn_core.settings import at_home, homes_from, settings

names = some.text(max_size=20)


@given(some.lists(some.tuples(names, names), unique=True, min_size=2, max_size=6))
def test_no_two_users_have_one_home(tmp_path_factory, users):
    root = tmp_path_factory.getbasetemp() / "installation"
    found = [home_of(root, issuer, subject) for issuer, subject in users]
    assert len(set(found)) == len(users)
    assert found == [home_of(root, issuer, subject) for issuer, subject in users]
    assert set(found) <= set(homes(root))


def test_a_home_is_for_its_owner_alone_and_its_name_says_nothing(tmp_path):
    home = home_of(tmp_path / "new" / "installation", "https://login.example", "ada@example.org")
    for folder in (home, home.parent, home.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((home.parent / ".key").stat().st_mode) == 0o600
    assert home.name != home_of(tmp_path / "other", "https://login.example", "ada@example.org").name  # another key


def test_the_key_is_made_once_whoever_comes_first(tmp_path):
    found = set()
    threads = [
        threading.Thread(target=lambda: found.add(home_of(tmp_path, "https://login.example", "ada"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert sorted(path.name for path in (tmp_path / "users").iterdir()) == [".key", next(iter(found)).name]


def test_who_has_a_home_gets_in_where_nothing_can_be_written(tmp_path, monkeypatch):
    home = home_of(tmp_path, "https://login.example", "ada")
    (kept,) = [path for path in home.parent.iterdir() if path != home]
    homes_module._secret.cache_clear()  # as in another process

    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("open", "link", "mkdir"):
        monkeypatch.setattr(os, name, full)
    assert home_of(tmp_path, "https://login.example", "ada") == home
    assert {home, kept} == set(home.parent.iterdir())


def test_a_key_that_could_not_be_written_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(homes_module, "SECRET_BYTES", "no number, so that writing fails")
    with pytest.raises(TypeError):
        home_of(tmp_path, "https://login.example", "ada")
    assert not list((tmp_path / "users").iterdir())


def test_a_disk_without_links_has_a_key_too(tmp_path, monkeypatch):
    def refused(*args, **options):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    first = home_of(tmp_path, "https://login.example", "ada")
    homes_module._secret.cache_clear()
    assert home_of(tmp_path, "https://login.example", "ada") == first
    assert stat.S_IMODE((tmp_path / "users" / ".key").stat().st_mode) == 0o600


def test_no_folder_that_is_there_is_made(tmp_path, monkeypatch):
    made, whole = [], Path.mkdir
    monkeypatch.setattr(Path, "mkdir", lambda self, **options: (made.append(self), whole(self, **options)))
    make_private(tmp_path / "a" / "b")
    make_private(tmp_path / "a" / "b")
    assert made == [tmp_path / "a", tmp_path / "a" / "b"]


def test_whoever_asks_for_a_folder_gets_it_in_the_home_it_works_in(grn_home):
    ada, grace = (home_of(grn_home, "https://login.example", name) for name in ("ada", "grace"))
    homes_from(lambda installation: ada if installation == grn_home else None)
    try:
        now = settings()
        assert (now.home, now.runs, now.uploads) == (ada, ada / "runs", ada / "uploads")
        assert (now.installation, now.downloads, now.models) == (grn_home, grn_home / "data", grn_home / "models")
        assert now.own_models == ada / "models"
        with at_home(grace):
            assert settings().home == grace
        assert settings().home == ada
    finally:
        homes_from(None)
    assert settings().home == settings().installation == grn_home
    assert settings().own_models == settings().models


def test_a_process_that_is_given_the_home_of_a_user_knows_the_installation(grn_home, monkeypatch):
    home = home_of(grn_home, "https://login.example", "ada")
    monkeypatch.setenv("GRN_HOME", str(home))
    assert is_users()
    assert (settings().home, settings().installation) == (home, grn_home)
    assert settings().models == grn_home / "models"


def test_a_user_among_others_reads_no_path_of_the_server(grn_home, tmp_path):
    ada, grace = (home_of(grn_home, "https://login.example", name) for name in ("ada", "grace"))
    assert within_reach(tmp_path)
    with at_home(ada):
        assert within_reach(ada / "adapted" / "model")
        assert within_reach(grn_home / "models" / "scgpt")
        for path in (tmp_path, grace, ada / ".." / grace.name, grn_home / "runs", ada.parent):
            assert not within_reach(path)


@pytest.mark.parametrize("link", ["..", "users"])
def test_a_link_out_of_a_home_leads_nowhere(grn_home, tmp_path, link):
    ada = home_of(grn_home, "https://login.example", "ada")
    (ada / "out").symlink_to(tmp_path)
    with at_home(ada):
        assert not within_reach(ada / "out" / link)


def _part(home):
    with part_folder(home / "cells"):
        pass


def _gate(home):
    with RunStore(home / "runs").gate("0" * 16, new=True):
        pass


@pytest.mark.parametrize(
    "make",
    [
        lambda home: write_json(home / "groups" / "a.json", {}),
        lambda home: write_array(home / "annotations" / "a.npy", np.zeros(2)),
        lambda home: used(home / "cells", home=home),
        _part,
        _gate,
    ],
)
def test_whoever_makes_a_home_first_makes_it_private(tmp_path, make):
    """In a notebook too, whose umask is the user's own and stays so."""
    before = os.umask(0o000)
    try:
        make(tmp_path / "home")
    finally:
        assert os.umask(before) == 0o000
    folders = [tmp_path / "home", *(path for path in (tmp_path / "home").rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_what_was_asked_for_is_as_the_umask_says_while_the_rest_is_private(tmp_path):
    before = os.umask(0o027)
    try:
        with kept_private():
            (tmp_path / "kept").touch()
            with as_usual():
                (tmp_path / "asked").touch()
            (tmp_path / "kept too").touch()
        (tmp_path / "after").touch()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"kept": 0o600, "asked": 0o640, "kept too": 0o600, "after": 0o640}
