"""What graphs and the compiler would give, on the processor: a pass answered from the one before is that pass."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grn_core.models.load import load_model
from scripts.measure_compiled import answering, measure, noting, passes_of


@pytest.mark.parametrize("readout", ["masked", pytest.param("plain", marks=pytest.mark.thorough)])
def test_a_pass_that_asks_nothing_back_is_the_same_pass(readout):
    model = load_model("compact")
    n_cells, joint, forward = passes_of(model, tuple(model.vocabulary[:150]), readout, "float32", n_sources=4)
    assert n_cells == 4 * len(model.record.grid)
    for run, asks in ((joint, True), (forward, readout == "masked")):
        answers: list[Any] = []
        with noting(answers):
            usual = [one.clone() for one in run()]
        assert bool(answers) is asks
        with answering(answers):
            again = run()
        assert all(torch.equal(one, two) for one, two in zip(usual, again, strict=True))
        if asks:
            with pytest.raises(StopIteration), answering(answers[:-1]):
                run()


@pytest.mark.thorough
def test_the_compiler_is_measured_on_a_processor_too():
    (masked, plain) = measure("cpu", None, n_genes=20, precisions=("float32",))["rows"]
    assert [row["readout"] for row in (masked, plain)] == ["masked", "plain"]
    assert all(row["compiled"].get("off", 0) < 1e-4 for row in (masked, plain))
    assert all(("times" in row["compiled"]) != ("fails" in row["compiled"]) for row in (masked, plain))
