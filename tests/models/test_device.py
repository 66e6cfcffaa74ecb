"""Which device computes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grn_core.errors import ModelError
from grn_core.models import device

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.thorough
def test_a_process_without_torch_asks_another_one():
    code = (
        "import sys, json\n"
        "from grn_core.models import device\n"
        "device.is_cpu_build = lambda: False\n"
        "print(json.dumps([device.device_name('auto'), 'torch' in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [device.device_name("auto"), False]


@pytest.fixture
def version_asked_anew():
    device.is_cpu_build.cache_clear()
    yield
    device.is_cpu_build.cache_clear()


@pytest.mark.usefixtures("version_asked_anew")
@pytest.mark.parametrize(("version", "of_cpu"), [("2.13.0+cpu", True), ("2.13.0+cu130", False), ("2.13.0", False)])
def test_a_build_for_the_cpu_alone_is_known_by_its_version(monkeypatch, version, of_cpu):
    monkeypatch.setattr(device.metadata, "version", lambda name: version)
    monkeypatch.setattr(device, "_ask", lambda wanted: "asked")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert device.device_name("auto").startswith("CPU (" if of_cpu else "asked")
