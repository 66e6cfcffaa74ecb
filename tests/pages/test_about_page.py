from __future__ import annotations

import shutil

import pandas as pd
import pytest
import streamlit as st

import grn_core
from grn_core import doctor
from grn_core.assets import asset
from grn_core.settings import settings
from tests.pages.app import open_page, text_of
from tests.pages.people import Person, everything, login

PAGE = "pages/start/about.py"


@pytest.fixture(autouse=True)
def nothing_read(grn_home) -> None:
    """What is kept is counted here: no cells were read before."""
    shutil.rmtree(grn_home / "cells")


def tables(app) -> list[pd.DataFrame]:
    return [table.value for table in app.table]


def test_says_that_all_is_in_order_and_with_what(monkeypatch, grn_home):
    monkeypatch.setenv("GRN_MAX_GENES", "1234")
    (grn_home / "runs").mkdir()
    (grn_home / "runs" / "one").write_bytes(b"0" * 2500)
    app = open_page(PAGE)
    assert app.success[0].value == "Everything that this software needs is in order."
    checks, versions, speed, in_force, used = tables(app)
    assert list(speed.index) == [one.title for one in doctor.speeds()]
    assert list(checks.index) == [one.title for one in doctor.checks()]
    assert checks["State"].str.replace("\xa0", " ").str.endswith(("in order", "note")).all()
    assert versions.loc["GRN Studio", "Found"] == grn_core.__version__
    assert "torch" in versions.index
    assert len(in_force) == len(doctor.settings_in_force())
    limit = in_force.loc["GRN\\_MAX\\_GENES"]
    assert limit["Value"] == "1234 (from the environment; default\\: 5000)"
    assert in_force.loc["GRN\\_THREADS", "Value"] == "0"
    assert used.loc["Runs", "Size"] == "2 kB"
    assert str(grn_home).replace("_", "\\_") in text_of(app)
    assert "0 Bytes of it are kept only to save time" in text_of(app)
    assert app.get("download_button")


def test_an_empty_data_folder_says_what_will_be_there():
    assert "Nothing is kept yet" in text_of(open_page(PAGE))


def test_a_fault_is_said_first_with_what_to_do(monkeypatch):
    monkeypatch.setenv("GRN_HOME", "/proc/grn")
    app = open_page(PAGE)
    assert not app.success
    assert "GRN\\_HOME" in app.error[0].value
    assert "fault" in tables(app)[0].loc["Data folder", "State"]


def test_another_data_folder_is_another_answer(monkeypatch, tmp_path):
    st.cache_data.clear()
    assert "Nothing is kept yet" in text_of(open_page(PAGE))
    (tmp_path / "uploads").mkdir()
    monkeypatch.setenv("GRN_HOME", str(tmp_path))
    assert settings().home == tmp_path
    assert len(tables(open_page(PAGE))) == 5


def test_a_user_among_others_is_told_no_place_and_no_password(monkeypatch, tmp_path, grn_home):
    monkeypatch.setenv("GRN_MIRROR", "https://me:PASSWORD@mirror.example")
    monkeypatch.setenv("GRN_MODELS", str(tmp_path / "of-models"))
    (tmp_path / "of-models").mkdir()
    with login(tmp_path):
        ada = Person("ada")
        (ada.home / "runs").mkdir()
        app = ada.open_page(PAGE)
        assert not app.exception
        shown = everything(app).replace(b"\\", b"")
        for word in (b"PASSWORD", str(tmp_path).encode(), str(grn_home).encode(), ada.home.name.encode()):
            assert word not in shown
        assert str(asset()).encode() not in shown
    app = open_page(PAGE)
    assert b"PASSWORD" in everything(app)  # who runs the installation sees what is in force
