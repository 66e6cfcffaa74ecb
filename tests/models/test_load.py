"""The one model that is resident on a device."""

from __future__ import annotations

import gc
import weakref

import pytest

from grn_core.models import load
from tests.models.published import FIXTURES


@pytest.fixture(autouse=True)
def nothing_resident():
    load.release("cpu")
    yield
    load.release("cpu")


def test_the_same_model_is_loaded_once():
    first = load.resident_model(FIXTURES / "scgpt_inproj", device="cpu")
    assert load.resident_model(FIXTURES / "scgpt_inproj", device="cpu") is first
    assert load.load_model(FIXTURES / "scgpt_inproj", device="cpu") is not first


def test_another_model_takes_the_place_of_the_first_before_it_is_loaded(monkeypatch):
    first = weakref.ref(load.resident_model(FIXTURES / "scgpt_inproj", device="cpu").network)
    alive, original = [], load.load_model

    def loading(*args, **options):
        gc.collect()
        alive.append(first() is not None)
        return original(*args, **options)

    monkeypatch.setattr(load, "load_model", loading)
    second = load.resident_model(FIXTURES / "scgpt_flash_pad", device="cpu")
    assert alive == [False]
    assert load.resident_model(FIXTURES / "scgpt_flash_pad", device="cpu") is second


def test_a_checkpoint_that_was_exchanged_is_loaded_anew(tmp_path):
    import shutil

    shutil.copytree(FIXTURES / "scgpt_inproj", tmp_path / "mine")
    first = load.resident_model(tmp_path / "mine", device="cpu")
    shutil.copytree(FIXTURES / "scgpt_flash_pad", tmp_path / "mine", dirs_exist_ok=True)
    assert load.resident_model(tmp_path / "mine", device="cpu").record.name != first.record.name
