"""The device that computes; naming it needs no torch."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import metadata

from grn_core.errors import ModelError
from grn_core.models.reading.subprocess_query import answer, ask
from grn_core.settings import cores


def pick_device(wanted: str) -> str:
    """Name the torch device to use: ``auto`` takes CUDA, then MPS, then the CPU.

    Raises
    ------
    ModelError
        If the device is not here.
    """
    import torch

    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if here[device])
    if not here.get(wanted, False):
        message = f"the device {wanted!r} is not here"
        raise ModelError(message, needed=f"auto or {', '.join(d for d in here if here[d])}", todo="set GRN_DEVICE")
    return wanted


def device_name(wanted: str) -> str:
    """Say in words which device `wanted` is here, e.g. ``CPU (8 cores)`` or ``CUDA (NVIDIA A100)``.

    Where a graphics processor may be found this needs torch; a process that has not loaded it asks another one, once.
    """
    if wanted == "cpu" or (wanted == "auto" and is_cpu_build()):
        return f"CPU ({cores()} cores)"
    if "torch" in sys.modules:
        return _name_here(wanted)["name"]
    return _ask(wanted)


@lru_cache(maxsize=1)
def is_cpu_build() -> bool:
    """Whether torch was built for the CPU alone, as its version says; reading that does not load it."""
    return metadata.version("torch").endswith("+cpu")


@lru_cache(maxsize=4)
def _ask(wanted: str) -> str:
    return str(ask("grn_core.models.device", wanted)["name"])


def _name_here(wanted: str) -> dict[str, str]:
    device = pick_device(wanted)
    if device == "cuda":
        import torch

        return {"name": f"CUDA ({torch.cuda.get_device_name()})"}
    return {"name": "MPS (Apple graphics)" if device == "mps" else f"CPU ({cores()} cores)"}


if __name__ == "__main__":
    sys.exit(answer(_name_here, *sys.argv[1:]))
