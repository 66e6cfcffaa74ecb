"""What runs are said to cost: beside what they take, and how it grows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import grn_core as grn
from grn_core.coexpression import METHODS
from grn_core.costs import STARTING, Cost, Speed, cost_of_coexpression, cost_of_inference, measuring, reference_speed
from grn_core.costs.foretell import EDGE_DISK, RUN_DISK, Size, asked
from grn_core.costs.measuring import Clock, _ask, _shape
from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS
from grn_core.extractors.in_memory import extract_rows
from grn_core.extractors.registry import extractors_of
from grn_core.files import write_json
from grn_core.models.registry import record_of
from grn_core.runs import MeasureRequest, RunStore
from grn_core.runs.foretold import foretell_coexpression, foretell_inference, measured_speed
from grn_core.runs.kinds.measure import RESULT

SPEED, COMPACT = reference_speed(), record_of("compact")
SIZE = Size(30, 500, 700, 170_000)


def inference(
    size=SIZE, *, record=COMPACT, extractors=("gdt", "vvp"), readout="masked", speed=SPEED, **options
) -> Cost:
    return cost_of_inference(size, record, speed, extractors=extractors, readout=readout, **options)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (40.4, "40 seconds"),
        (130, "2 minutes"),
        (1500, "25 minutes"),
        (9000, "2 hours and 30 minutes"),
    ],
)
def test_a_cost_is_said_in_one_short_line(seconds, words):
    assert Cost({STARTING: seconds}, 1_200_000_000, 30_000_000).words == f"about {words}, 1.2 GB memory, 30 MB disk"


@given(
    size=st.builds(Size, st.integers(1, 2000), st.integers(2, 4000), st.integers(10, 10**5), st.integers(0, 10**8)),
    extractors=st.lists(st.sampled_from(extractors_of(COMPACT)), min_size=1, max_size=5, unique=True).map(tuple),
    readout=st.sampled_from(COMPACT.readouts),
    method=st.sampled_from(sorted(METHODS)),
)
def test_nothing_costs_less_when_more_is_asked(size, extractors, readout, method):
    one, co = inference(size, extractors=extractors, readout=readout), cost_of_coexpression(method, size, SPEED)
    assert one.seconds > 0
    for more in (
        replace(size, n_sources=2 * size.n_sources),
        replace(size, n_genes=2 * size.n_genes),
        replace(size, n_cells=2 * size.n_cells, n_values=2 * size.n_values),
    ):
        for few, many in (
            (one, inference(more, extractors=extractors, readout=readout)),
            (co, cost_of_coexpression(method, more, SPEED)),
        ):
            assert (many.seconds, many.memory, many.disk) >= (few.seconds, few.memory, few.disk)
            assert many.memory >= few.memory
            assert many.disk >= few.disk
    both = inference(size, extractors=("vvp", "gdt"), readout=readout)
    assert both.seconds >= inference(size, extractors=("gdt",), readout=readout).seconds


def test_a_million_cells_take_the_disk_and_not_the_memory():
    size = Size(30, 500, 1_000_000, 1_000_000_000)
    cost = cost_of_inference(size, record_of("compact"), reference_speed(), extractors=("vvp",), readout="masked")
    assert cost.memory < 3 * 2**30
    assert cost.seconds > 60  # every value is read


@pytest.mark.parametrize("size", [SIZE, Size(768, 1241, 400, 250_000)])
def test_showing_the_cells_costs_more_than_hiding_them_and_at_most_twice_a_run(size):
    """The background of the user's cells was once announced like the virtual one, and once as before it was quicker."""
    shown, hidden = (inference(size, readout=readout) for readout in ("plain", "masked"))
    assert shown.stages["extract"] > 1.5 * hidden.stages["extract"]
    assert {**shown.stages, "extract": 0} == {**hidden.stages, "extract": 0}
    assert shown.seconds <= 2 * hidden.seconds


def test_extractors_that_ask_the_same_are_asked_once():
    assert asked(COMPACT, ("vvp", "gdt"), "masked") == ("levels tangent masked",)
    assert asked(COMPACT, ("vvp",), "masked") == ("levels value masked",)
    assert asked(COMPACT, ("pert", "attn", "emb"), "masked") == (
        "cell value plain",
        "cell attention plain",
        "genes embedding",
    )


def test_options_of_a_method_count_and_others_are_refused():
    few, many = (cost_of_coexpression("genie3", SIZE, SPEED, options={"trees": n}).seconds for n in (100, 1000))
    assert 6 < many / few <= 10
    with pytest.raises(RequestError, match="no option"):
        cost_of_coexpression("pearson", SIZE, SPEED, options={"trees": 10})


def test_a_larger_model_that_was_not_measured_is_foretold_by_its_weights():
    big = replace(COMPACT, name="big", n_parameters=50_000_000)
    size = Size(500, 1500)
    rough, own = inference(size, record=big, measured=False), inference(size)
    assert rough.seconds > 3 * own.seconds
    assert rough.memory > own.memory + 1e8


@pytest.mark.parametrize("extractors", [("gdt", "vvp"), ("emb",), ("attn", "pert")])
def test_announced_disk_is_that_of_the_arrays_and_the_table(tmp_path, extractors):
    model = grn.load_model("compact", device="cpu")
    panel = grn.demo("pbmc68k").panel(n_variable=100, tfs=["SPI1", "IRF8"], vocabulary=frozenset(model.vocabulary))
    grn.extract(model, panel, extractors=extractors, folder=tmp_path)
    real = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    size = Size(len(panel.sources), len(panel.genes))
    announced = inference(size, extractors=extractors).disk - RUN_DISK  # no run writes its records here
    assert 0.5 < announced / (real + EDGE_DISK * size.n_edges) < 2


@pytest.mark.parametrize(
    ("extractors", "readout"),
    [(("gdt", "vvp"), "masked"), pytest.param(("pert",), "masked", marks=pytest.mark.thorough)],
)
def test_announced_time_is_within_a_factor_of_what_it_takes(extractors, readout):
    """Measured here at small sizes, announced and asked at another; wide enough for a busy machine."""
    model = grn.load_model("compact", device="cpu")
    (what,) = asked(COMPACT, extractors, readout)
    terms, _ = _ask(model, extractors, readout, shape=_shape(COMPACT, what, readout))
    sources, genes = 20, 700
    announced = sum(
        term * size
        for term, size in zip(terms, (1, genes, genes**2, sources, sources * genes, sources * genes**2), strict=True)
    )
    cell = model.to_units(model.vocabulary[:genes], np.linspace(0.1, 2.0, genes).astype(np.float32))
    taken = []
    for _ in range(2):
        clock = Clock()
        extract_rows(
            model, model.vocabulary[:genes], range(sources), extractors=extractors, readout=readout, context=cell
        )
        taken.append(clock.seconds())
    assert 1 / 3 < announced / min(taken) < 3


def test_every_extractor_and_method_was_measured():
    for readout in ("masked", "plain"):
        for name in EXTRACTORS:
            (what,) = asked(COMPACT, (name,), readout)
            assert sum(SPEED.asks[what]) > 0
    assert set(SPEED.methods) == set(METHODS)
    assert Speed.from_json(SPEED.to_json()) == SPEED


def test_what_was_measured_here_counts_until_the_machine_changes(monkeypatch):
    size = Size(4, 50)
    assert measured_speed("compact") is None
    before = foretell_inference(size, COMPACT, extractors=("vvp",), readout="masked")
    assert not before.measured
    folder = RunStore().path(MeasureRequest().run_id())
    slower = replace(SPEED, load_s=SPEED.load_s + 1000, start_s=SPEED.start_s + 100)
    write_json(folder / RESULT, slower.to_json())
    now = foretell_inference(size, COMPACT, extractors=("vvp",), readout="masked")
    assert now.measured
    assert now.seconds == pytest.approx(before.seconds + 1100)
    assert foretell_coexpression("pearson", replace(SIZE)).seconds > 100
    monkeypatch.setenv("GRN_THREADS", "7")
    assert measured_speed("compact") is None
    monkeypatch.delenv("GRN_THREADS")
    for damage in ([], {}, {**slower.to_json(), "asks": 3}):
        write_json(folder / RESULT, damage)
        assert measured_speed("compact") is None


def test_methods_are_measured_beside_their_records(monkeypatch):
    monkeypatch.setattr(measuring, "FAST", (60, 20, 4))
    monkeypatch.setattr(measuring, "SLOW", (40, 8, 3))
    found = measuring._methods(progress=lambda: None)
    assert set(found) == set(METHODS)
    assert all(start >= 0 and 0 < each < np.inf for start, each in found.values())
