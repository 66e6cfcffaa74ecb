"""Measure whether CUDA graphs or torch's compiler would speed the extraction up; writes ``assets/compiled.json``.

    python -m scripts.measure_compiled

Neither is used. A pass is what the extraction asks at once: virtual cells, as many as are quickest, of value and
derivative. A graph holds a pass whole and starts all of its kernels at once; what a pass asks back on its way (how many
genes are shown, whether a number is too small) is answered from the pass before, so that the figure is the most that a
graph can give. The compiler is asked for the forward pass alone: it knows no tensors that carry a derivative.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from grn_core.assets import asset
from grn_core.extractors.answers import Question
from grn_core.extractors.backgrounds import background_values
from grn_core.extractors.batches import PRECISIONS, Batch, silent_note
from grn_core.files import write_json
from grn_core.models.device import device_name, pick_device
from grn_core.models.interface import FoundationModel, untouched
from grn_core.models.load import load_model
from scripts.full_size import write_checkpoint
from scripts.measure_gpu import ASKED, N_GENES, N_ROUNDS, SCGPT, difference, quickest

Pass = Callable[[], tuple[Tensor, ...]]
WARM, N_SOURCES = 3, 128
ASKED_BACK = ((torch.Tensor, "__bool__"), (torch.Tensor, "__int__"), (torch.Tensor, "__index__"), (torch, "unique"))
"""Where a pass waits for the device."""


@contextmanager
def noting(answers: list[Any]) -> Iterator[None]:
    """Note every answer that a pass waits for."""
    with ExitStack() as stack:
        for owner, name in ASKED_BACK:
            stack.enter_context(mock.patch.object(owner, name, _noted(getattr(owner, name), answers)))
        yield


@contextmanager
def answering(answers: list[Any]) -> Iterator[None]:
    """Answer from what was noted, in the same order; a solver is not asked whether it went well."""
    left = iter(answers)

    def answer(*_: object, **__: object) -> object:
        return next(left)

    def solve(a: Tensor, b: Tensor) -> Tensor:
        found: Tensor = torch.linalg.solve_ex(a, b).result
        return found

    with ExitStack() as stack:
        for owner, name in ASKED_BACK:
            stack.enter_context(mock.patch.object(owner, name, answer))
        stack.enter_context(mock.patch.object(torch.linalg, "solve", solve))
        yield


def _noted(call: Callable[..., Any], answers: list[Any]) -> Callable[..., Any]:
    def noted(*arguments: object, **named: object) -> object:
        answers.append(call(*arguments, **named))
        return answers[-1]

    return noted


def in_one_graph(run: Pass) -> Pass:
    """Hold a pass in a CUDA graph, and return what starts it."""
    answers: list[Any] = []
    with noting(answers):
        run()
    aside = torch.cuda.Stream()
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(WARM):
            with answering(answers):
                run()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with answering(answers), torch.cuda.graph(graph):
        found = run()

    def replay() -> tuple[Tensor, ...]:
        graph.replay()
        return found

    return replay


def passes_of(
    model: FoundationModel, genes: tuple[str, ...], readout: str, precision: str, *, n_sources: int = N_SOURCES
) -> tuple[int, Pass, Pass]:
    """Return how many virtual cells go through at once, a pass of value and derivative, and one of the value."""
    device, levels = model.device.type, torch.tensor(model.record.grid, device=model.device)
    batch = Batch(None, precision=precision, note=silent_note)
    base = background_values(model, genes, background="virtual", context=None, readouts=(readout,))
    question = Question(model, genes, base, readout=readout, levels=model.record.grid, with_tangent=True, batch=batch)
    sources = torch.arange(min(n_sources, len(genes)), device=model.device).repeat_interleave(len(levels))
    values = levels.repeat(len(sources) // len(levels))
    for _ in range(N_ROUNDS):  # until the batch is found
        question.value_and_tangent(sources, values)
    n_cells = min(batch.cells(model.tokens(len(genes), readout), device), len(sources))
    sources, values = sources[:n_cells], values[:n_cells]
    around, hot = question.model.around(genes, base, readout), question.one_hot(sources)
    cells, ids = torch.where(hot, values[:, None], base), model.ids(genes).expand(n_cells, -1)
    shown = hot if question.hides else None

    def joint() -> tuple[Tensor, ...]:
        with batch.autocast(device):
            value, slope = around(sources, values, with_tangent=True)
        return (value, value if slope is None else slope)

    def forward() -> tuple[Tensor, ...]:
        with torch.no_grad(), untouched(model.network), batch.autocast(device):
            return (model._read(ids, cells, readout, shown),)

    return n_cells, joint, forward


def tried(make: Callable[[Pass], Pass], plain: Pass, device: str) -> dict[str, Any]:
    """How much quicker a way is than the plain pass, what making it takes, and how far it is off; or why it fails."""
    exact = [one.clone() for one in plain()]
    start = time.perf_counter()
    try:
        way = make(plain)
        found = [one.clone() for one in way()]
        made = time.perf_counter() - start
        seconds, before = [], []
        for _ in range(N_ROUNDS):  # interleaved
            before.append(quickest(plain, device, rounds=1))
            seconds.append(quickest(way, device, rounds=1))
    except Exception as error:  # noqa: BLE001  (what a way cannot do is a finding)
        return {"fails": f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"[:200]}
    off = max(difference(one, two) for one, two in zip(found, exact, strict=True))
    return {"times": min(before) / min(seconds), "seconds": min(before), "made_in": made, "off": off}


def measure(
    device: str, scgpt: Path | None, *, n_genes: int = N_GENES, precisions: Sequence[str] = PRECISIONS
) -> dict[str, Any]:
    """Measure the models of `scripts.measure_gpu`, in the precisions that they run in."""
    folders: dict[str, tuple[str | Path, str]] = {"compact": ("compact", "compact")}
    if scgpt is not None:
        folders["scgpt"] = (scgpt, SCGPT)
    asked = [(name, readout, precision) for name, readout in ASKED if name in folders for precision in precisions]
    ways = ("graph", "compiled") if device == "cuda" else ("compiled",)
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for way in ways:
        for name, readout, precision in asked:
            torch.compiler.reset()
            model = load_model(folders[name][0], device=device)
            n_cells, joint, forward = passes_of(model, tuple(model.vocabulary[:n_genes]), readout, precision)
            row = {"model": folders[name][1], "readout": readout, "precision": precision, "cells": n_cells}
            run, make = (joint, in_one_graph) if way == "graph" else (forward, torch.compile)
            rows.setdefault((name, readout, precision), row)[way] = tried(make, run, device)
            print(rows[name, readout, precision], flush=True)
    return {"device": device_name(device), "torch": torch.__version__, "genes": n_genes, "rows": list(rows.values())}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="default: cuda")
    parser.add_argument("--out", type=Path, default=asset() / "compiled.json", help="default: the file that ships")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder) / "scgpt")
        write_json(given.out, measure(pick_device(given.device), Path(folder) / "scgpt"))


if __name__ == "__main__":
    main()
