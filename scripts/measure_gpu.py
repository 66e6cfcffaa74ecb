"""Measure what a graphics processor makes of the extraction; writes ``assets/gpu.json`` for docs/performance.md.

    python -m scripts.measure_gpu

The compact model and a checkpoint of scGPT's full size with random weights are asked as the extraction asks them: joint
passes of value and derivative, in the batch that is found to be quickest. Rates are set beside the machine's own rate
of matrix products in the same precision.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from grn_core.assets import asset
from grn_core.extractors.answers import Question
from grn_core.extractors.backgrounds import background_values
from grn_core.extractors.batches import Batch, silent_note
from grn_core.extractors.engine import extract_features
from grn_core.files import write_json
from grn_core.models.device import device_name, pick_device
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from scripts.full_size import write_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

N_GENES, N_SOURCES, N_ROUNDS, SQUARE = 1000, 128, 5, 8192
ALIKE = 8
"""Sources whose features are compared with those of the processor."""
PRECISIONS = ("float32", "tf32", "bfloat16")
ASKED = (("compact", "masked"), ("compact", "plain"), ("scgpt", "generative"))
"""Model and readout."""
SCGPT = "scGPT's shape, random weights"


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Let float32 products be made in TF32, which keeps ten bits of each factor, or not."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def quickest(call: Callable[[], object], device: str, *, rounds: int) -> float:
    """Return the seconds of the quickest of some calls, after one that warms up."""
    times = []
    for _ in range(rounds + 1):
        _wait(device)
        start = time.perf_counter()
        call()
        _wait(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def products_per_second(device: str, precision: str, *, square: int, rounds: int) -> float:
    """Floating point operations in a second of square matrix products."""
    kind = torch.bfloat16 if precision == "bfloat16" else torch.float32
    a, b = (torch.randn(square, square, device=device, dtype=kind) for _ in range(2))
    with products_in(precision):
        return 2 * square**3 / quickest(lambda: a @ b, device, rounds=rounds)


def joint_passes(
    model: FoundationModel, genes: Sequence[str], readout: str, *, precision: str, n_sources: int, rounds: int
) -> tuple[dict[str, float], torch.Tensor, torch.Tensor]:
    """Ask a model about some sources as the extraction does.

    Returns
    -------
    figures
        Virtual cells in a second, cells at once, memory at most, operations in a second, times of a forward pass.
    change, slope
        What VVP and GDT read: (sources x levels, genes).
    """
    device = model.device.type
    batch = Batch(None, precision="bfloat16" if precision == "bfloat16" else "float32", note=silent_note)
    base = background_values(model, genes, background="virtual", context=None, readouts=(readout,))
    levels = torch.tensor(model.record.grid, device=model.device)
    question = Question(model, genes, base, readout=readout, levels=model.record.grid, with_tangent=True, batch=batch)
    sources = torch.arange(n_sources, device=model.device).repeat_interleave(len(levels))
    levels = levels.repeat(n_sources)
    hot = question.one_hot(sources)
    cells, shown = torch.where(hot, levels[:, None], base), hot if question.hides else None
    with products_in(precision):
        for _ in range(rounds):  # until the batch is found
            value, slope = question.value_and_tangent(sources, levels)
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        joint = quickest(lambda: question.value_and_tangent(sources, levels), device, rounds=rounds)
        peak = torch.cuda.max_memory_allocated() if device == "cuda" else 0
        forward = quickest(lambda: question.predict(cells, shown), device, rounds=rounds)
        with FlopCounterMode(display=False) as counter:
            question.value_and_tangent(sources[:1], levels[:1])
    figures = {
        "cells_per_second": len(sources) / joint,
        "at_once": float(min(batch.cells(question.tokens, device), len(sources))),
        "peak_bytes": float(peak),
        "operations_per_second": counter.get_total_flops() * len(sources) / joint,
        "forwards": joint / forward,
    }
    return figures, value - value.mean(0), slope


def difference(found: torch.Tensor, of: torch.Tensor) -> float:
    """Root mean square difference in standard deviations."""
    return float((found.double() - of.double()).square().mean().sqrt() / of.double().std())


def rows_of(
    model: FoundationModel, title: str, readout: str, *, n_genes: int, n_sources: int, square: int, rounds: int
) -> Iterator[dict[str, Any]]:
    """Measure a model in each precision."""
    device, genes = model.device.type, model.vocabulary[:n_genes]
    exact: tuple[torch.Tensor, torch.Tensor] | None = None
    for precision in PRECISIONS if device == "cuda" else ("float32", "bfloat16"):
        figures, change, slope = joint_passes(
            model, genes, readout, precision=precision, n_sources=n_sources, rounds=rounds
        )
        exact = exact or (change, slope)
        rate = products_per_second(device, precision, square=square, rounds=rounds)
        yield {
            "model": title,
            "readout": readout,
            "precision": precision,
            **figures,
            "share": figures["operations_per_second"] / rate,
            "vvp": difference(change, exact[0]),
            "gdt": difference(slope, exact[1]),
        }


def from_features_to_disk(name: str | Path, device: str, *, n_genes: int, n_sources: int) -> dict[str, float]:
    """Extract VVP and GDT of some sources on a device and on the processor: seconds of each, and how they differ."""
    model, plain = load_model(name, device=device), load_model(name, device="cpu")
    genes = model.vocabulary[:n_genes]
    extract_features(model, genes, range(ALIKE))
    start = time.perf_counter()
    found = extract_features(model, genes, range(n_sources))
    seconds = time.perf_counter() - start
    extract_features(plain, genes, range(1))
    start = time.perf_counter()
    same = extract_features(plain, genes, range(n_sources))
    on_cpu = time.perf_counter() - start
    apart = {}
    for extractor in ("vvp", "gdt"):
        one, two = (torch.from_numpy(features[extractor][:ALIKE].copy()).nan_to_num() for features in (found, same))
        apart[extractor] = difference(one, two)
    return {"seconds": seconds, "seconds_on_cpu": on_cpu, **apart}


def measure(
    device: str,
    scgpt: Path | None,
    *,
    n_genes: int = N_GENES,
    n_sources: int = N_SOURCES,
    square: int = SQUARE,
    rounds: int = N_ROUNDS,
) -> dict[str, Any]:
    """Measure a device with the compact model, and with a folder of scGPT's shape if one is given."""
    folders: dict[str, tuple[str | Path, str]] = {"compact": ("compact", "compact")}
    if scgpt is not None:
        folders["scgpt"] = (scgpt, SCGPT)
    rows = [
        row
        for name, readout in ASKED
        if name in folders
        for row in rows_of(
            load_model(folders[name][0], device=device),
            folders[name][1],
            readout,
            n_genes=n_genes,
            n_sources=n_sources,
            square=square,
            rounds=rounds,
        )
    ]
    whole = from_features_to_disk("compact", device, n_genes=n_genes, n_sources=n_sources)
    return {
        "device": device_name(device),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "genes": n_genes,
        "sources": n_sources,
        "rows": rows,
        "whole": whole,
    }


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="default: cuda")
    parser.add_argument("--out", type=Path, default=asset() / "gpu.json", help="default: the file that ships")
    given = parser.parse_args()
    device = pick_device(given.device)
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder) / "scgpt")
        found = measure(device, Path(folder) / "scgpt")
    write_json(given.out, found)
    for row in found["rows"]:
        print(", ".join(f"{key} {value:.4g}" if isinstance(value, float) else str(value) for key, value in row.items()))
    print(found["whole"])


if __name__ == "__main__":
    main()
