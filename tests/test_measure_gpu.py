"""The measurement of graphics processors, on the processor: the same path with a few genes."""

from __future__ import annotations

import json

import pytest

from grn_core.assets import asset
from scripts.docs_performance import gpu_table
from scripts.measure_gpu import measure


@pytest.mark.thorough
def test_the_measurement_runs_on_a_processor_and_finds_it_equal_to_itself():
    found = measure("cpu", None, n_genes=30, n_sources=8, square=64, rounds=1)
    assert [(row["model"], row["readout"], row["precision"]) for row in found["rows"]] == [
        ("compact", readout, precision) for readout in ("masked", "plain") for precision in ("float32", "bfloat16")
    ]
    for row in found["rows"]:
        assert (row["vvp"] == row["gdt"] == 0.0) is (row["precision"] == "float32")
        assert min(row["cells_per_second"], row["at_once"], row["operations_per_second"], row["forwards"]) > 0
    assert found["whole"]["vvp"] == found["whole"]["gdt"] == 0.0


def test_what_ships_was_measured_on_a_graphics_processor_which_agrees_with_the_processor():
    found = json.loads(asset("gpu.json").read_text(encoding="utf-8"))
    assert found["device"].startswith("CUDA")
    assert max(found["whole"]["vvp"], found["whole"]["gdt"]) < 1e-4
    assert all(0 < row["share"] < 1 for row in found["rows"])
    assert all(row["model"] in gpu_table() for row in found["rows"])
