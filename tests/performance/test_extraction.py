"""What the joint pass costs: beside a plain forward, beside reverse mode, and as sources grow.

Each figure is a ratio of times taken in one run, in turn, so that the speed of the machine cancels out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median

import numpy as np
import pytest
import torch

from grn_core.extractors.answers import Question
from grn_core.extractors.backgrounds import background_values
from grn_core.extractors.batches import Batch, silent_note
from grn_core.extractors.engine import extract_features
from grn_core.models.load import load_model
from tests.performance.figures import note
from tests.reverse_mode import slopes_by_reverse_mode

pytestmark = pytest.mark.performance
LENGTH, BATCH = 768, 8


@pytest.fixture(autouse=True)
def calm_threads():
    """Every core, in place of the single thread that other tests get."""
    torch.set_num_threads(os.cpu_count() or 1)


@pytest.fixture(scope="module")
def model():
    return load_model("compact", device="cpu")


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ratio_of(slow, fast, *, rounds=9):
    """The quickest of some rounds of both, in turn, after a warm-up: slow / fast, and the two in seconds.

    The quickest, because what else the machine does can only lengthen them.
    """
    slow(), fast()
    times = [(seconds(slow), seconds(fast)) for _ in range(rounds)]
    slowest, quickest = (min(own) for own in zip(*times, strict=True))
    return slowest / quickest, slowest, quickest


def virtual_cells(model, readout):
    genes = model.vocabulary[:LENGTH]
    values = torch.zeros(BATCH, LENGTH)
    values[:, 0] = torch.tensor(model.record.grid)
    direction = torch.zeros_like(values)
    direction[:, 0] = 1.0
    shown = direction.bool() if readout == "masked" else None
    return genes, values, direction, {"readout": readout, "shown": shown}


@pytest.mark.parametrize("readout", ["plain", "masked"])
def test_joint_pass_beside_one_forward(model, readout):
    """The limit is for the plain readout, whose attention is over all genes; the masked one is printed beside it."""
    genes, values, direction, options = virtual_cells(model, readout)
    ratio, joint, forward = ratio_of(
        lambda: model.value_and_tangent(genes, values, direction, **options),
        lambda: model.predict(genes, values, **options),
    )
    print(
        f"\n{readout}: joint pass {1e3 * joint / BATCH:.1f} ms per virtual cell of {LENGTH} genes, forward "
        f"{1e3 * forward / BATCH:.1f} ms, ratio {ratio:.2f} (limit 4)"
    )
    assert ratio <= 4.0


@pytest.mark.parametrize("background", ["virtual", "context"])
@pytest.mark.parametrize("readout", ["plain", "masked"])
def test_the_joint_pass_of_an_extraction_beside_forwards_of_its_cells(model, readout, background):
    """VVP and GDT of eight sources as the engine asks them, and the same cells through the fused forward pass."""
    if (readout, background) == ("masked", "context"):
        pytest.skip("the masked readout sees no background")
    genes, levels = model.vocabulary[:LENGTH], torch.tensor(model.record.grid)
    cell = model.to_units(genes, np.linspace(0.1, 2.0, LENGTH).astype(np.float32))
    batch = Batch(None, precision="float32", note=silent_note)
    base = background_values(model, genes, background=background, context=cell, readouts=(readout,))
    how = {"readout": readout, "levels": model.record.grid, "with_tangent": True, "batch": batch}
    question = Question(model, genes, base, **how)
    sources = torch.arange(0, LENGTH, LENGTH // 8).repeat_interleave(len(levels))
    levels = levels.repeat(len(sources) // len(levels))
    hot = question.one_hot(sources)
    cells, shown = torch.where(hot, levels[:, None], base), hot if question.hides else None
    ratio, joint, forward = ratio_of(
        lambda: Question(model, genes, base, **how).value_and_tangent(sources, levels),  # with what it computes once
        lambda: question.predict(cells, shown),
    )
    note(f"VVP and GDT in forward passes of their cells: {readout}, {background}", f"{ratio:.1f}", aim="2.5")
    print(
        f"\n{1e3 * joint / len(sources):.2f} ms per virtual cell of {LENGTH} genes, forward "
        f"{1e3 * forward / len(sources):.2f} ms"
    )
    assert ratio <= 2.5


def test_cells_as_background_beside_a_virtual_cell(model):
    """The extraction alone of VVP and GDT of 96 sources, with what all share; of few sources that is most of it."""
    genes, sources = model.vocabulary[:LENGTH], range(0, LENGTH, LENGTH // 96)
    mean = np.linspace(0.1, 2.0, LENGTH).astype(np.float32)
    ratio, own, usual = ratio_of(
        lambda: extract_features(model, genes, sources, readout="plain", background="context", context=mean),
        lambda: extract_features(model, genes, sources),
        rounds=3,
    )
    note("the extraction alone with cells as background, in times of the usual one", f"{ratio:.1f}", aim="2.0 of a run")
    print(f"\ncells as background: {own:.2f} s, usual {usual:.2f} s (limit 10)")
    assert ratio <= 10.0


@pytest.mark.parametrize("readout", ["plain", "masked"])
def test_joint_pass_beside_reverse_mode_per_target(model, readout):
    """One virtual cell: one backward pass per target, against its share of a joint pass."""
    genes, values, direction, options = virtual_cells(model, readout)
    one = {**options, "shown": None if options["shown"] is None else options["shown"][:1]}
    joint = median(
        seconds(lambda: model.value_and_tangent(genes, values, direction, **options)) / BATCH for _ in range(7)
    )
    reverse = seconds(lambda: slopes_by_reverse_mode(model, genes, values[:1], 0, **one))
    print(
        f"\n{readout}: reverse mode {reverse:.1f} s, joint pass {joint:.4f} s, {reverse / joint:.0f} times (limit 50)"
    )
    assert reverse / joint >= 50.0


def test_time_grows_in_proportion_to_the_sources(model):
    genes = model.vocabulary[:400]
    counts = (25, 50, 100, 200)
    extract_features(model, genes, range(8))
    times = [min(seconds(lambda n=n: extract_features(model, genes, range(n))) for _ in range(2)) for n in counts]
    slope = float(np.polyfit(np.log(counts), np.log(times), 1)[0])
    print(f"\nsources {counts}: {', '.join(f'{t:.1f}' for t in times)} s, log-log slope {slope:.3f} (limit 1.05)")
    print(f"{times[-1] / counts[-1] / len(genes):.2e} s per source and gene")
    assert slope <= 1.05


def test_memory_does_not_grow_with_the_sources():
    code = (
        "import sys\n"
        "from grn_core.extractors.engine import extract_features\n"
        "from grn_core.models.load import load_model\n"
        "from grn_core.runs.worker import peak_bytes\n"
        "model = load_model('compact', device='cpu')\n"
        "extract_features(model, model.vocabulary[:1000], range(int(sys.argv[1])))\n"
        "assert 'torch._dynamo' not in sys.modules, 'the derivative loads the compiler'\n"
        "print(peak_bytes())\n"
    )
    peaks = {}
    all_cores = {**os.environ, "OMP_NUM_THREADS": str(os.cpu_count() or 1)}
    for n in (50, 200):
        done = subprocess.run(
            [sys.executable, "-c", code, str(n)], capture_output=True, text=True, check=True, env=all_cores
        )
        peaks[n] = int(done.stdout) / 2**20
    ratio = peaks[200] / peaks[50]
    print(
        f"\npeak memory {peaks[50]:.0f} MiB at 50 sources, {peaks[200]:.0f} MiB at 200, ratio {ratio:.3f} (limit 1.10)"
    )
    assert ratio <= 1.10
