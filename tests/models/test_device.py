"""Which device computes, and the one model that is resident on it."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from grn_core.errors import ModelError
from grn_core.models import device, registry
from tests.models.published import FIXTURES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_resident():
    device.release("cpu")
    yield
    device.release("cpu")


def test_the_device_is_chosen_and_named():
    assert device.pick_device("auto") in ("cuda", "mps", "cpu")
    assert device.device_name("cpu").startswith("CPU (")
    assert device.device_name("auto").split(" ")[0].lower() == device.pick_device("auto")


def test_cuda_comes_first_and_what_is_not_here_is_refused(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.pick_device("auto") == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device.pick_device("auto") == "mps"
    with pytest.raises(ModelError, match="the device 'cuda' is not here; needed: auto or cpu, mps"):
        device.pick_device("cuda")


def test_a_process_without_torch_asks_another_one():
    code = (
        "import sys, json\n"
        "from grn_core.models import device\n"
        "device.is_cpu_build = lambda: False\n"
        "print(json.dumps([device.device_name('auto'), 'torch' in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [device.device_name("auto"), False]


def test_a_build_for_the_cpu_alone_is_known_by_its_version(monkeypatch):
    monkeypatch.setattr(device.metadata, "version", lambda name: "2.13.0+cpu")
    monkeypatch.setattr(device, "_ask", pytest.fail)
    monkeypatch.delitem(sys.modules, "torch")
    assert device.device_name("auto").startswith("CPU (")


def test_the_same_model_is_loaded_once():
    first = device.resident_model(FIXTURES / "scgpt_inproj", device="cpu")
    assert device.resident_model(FIXTURES / "scgpt_inproj", device="cpu") is first
    assert registry.load_model(FIXTURES / "scgpt_inproj", device="cpu") is not first


def test_another_model_takes_the_place_of_the_first_before_it_is_loaded(monkeypatch):
    first = weakref.ref(device.resident_model(FIXTURES / "scgpt_inproj", device="cpu").network)
    alive, original = [], registry.load_model

    def load(*args, **options):
        gc.collect()
        alive.append(first() is not None)
        return original(*args, **options)

    monkeypatch.setattr(registry, "load_model", load)
    second = device.resident_model(FIXTURES / "scgpt_flash_pad", device="cpu")
    assert alive == [False]
    assert device.resident_model(FIXTURES / "scgpt_flash_pad", device="cpu") is second


def test_a_checkpoint_that_was_exchanged_is_loaded_anew(tmp_path):
    import shutil

    shutil.copytree(FIXTURES / "scgpt_inproj", tmp_path / "mine")
    first = device.resident_model(tmp_path / "mine", device="cpu")
    shutil.copytree(FIXTURES / "scgpt_flash_pad", tmp_path / "mine", dirs_exist_ok=True)
    assert device.resident_model(tmp_path / "mine", device="cpu").record.name != first.record.name
