"""Laws of damage: a bit that flips in what a run wrote is told or harmless, and asking again gives the same table."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import fields
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grn_core.errors import Cancelled, RunError
from grn_core.extractors.engine import extract_features
from grn_core.extractors.features import FeatureSpec, FeatureWriter
from grn_core.files import read_json, write_json
from grn_core.models.training_state import read_state, write_state
from grn_core.networks.activity.kept import streamed
from grn_core.runs import InferRequest, RunStatus, RunStore, manager
from grn_core.runs.damage import CHANGING
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.records import UNREADABLE
from grn_core.runs.shares import opened, share, shares
from grn_core.runs.state import STATES
from grn_core.runs.subnetworks import save_subnetwork, subnetworks
from grn_core.runs.trash import remove, removed_runs
from grn_core.sums import (
    SUM,
    differing,
    forget,
    keep_array,
    kept_array,
    read_summed,
    sum_of,
    sums_below,
    write_summed,
)
from tests.models.tiny import tiny_model

GENES = ("SPI1", "GATA1", "IRF8", "LYZ", "CD14", "HBB", "KLF1", "CEBPA")
some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def flip(path, generator: random.Random) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    path.write_bytes(content)


@given(st.dictionaries(st.text(max_size=5), some_json, max_size=4), st.integers(0, 2**32))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_of_a_summed_file_is_told_or_harmless(tmp_path, content, seed):
    path = tmp_path / "a.json"
    write_summed(path, content)
    assert read_summed(path) == {name: value for name, value in content.items() if name != SUM}
    flip(path, random.Random(seed))
    assert read_summed(path) in (None, {name: value for name, value in content.items() if name != SUM})


@pytest.mark.parametrize("unsummed", [False, True])
def test_every_flipped_bit_of_a_summed_file_is_told_or_harmless(tmp_path, unsummed):
    """Those of the sum's own name too, without which the file looks like one of a version that wrote none."""
    path, content = tmp_path / "a.json", {"created": "2026-01-01", "files": {"edges.parquet": sum_of("a")}}
    write_summed(path, content)
    whole = path.read_bytes()
    told = 0
    for at in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            found = read_summed(path, unsummed=unsummed)
            assert found in (None, content), path.read_bytes()
            told += found is None
    assert told > 7 * len(whole)


def test_sums_name_what_is_absent_or_differs(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "in/b", "in/c", "left"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / ".1-1-draft").touch()
    sums = sums_below(tmp_path, leave=["left"])
    assert list(sums) == ["a", "in/b", "in/c"]
    assert differing(tmp_path, sums) == []
    (tmp_path / "a").unlink()
    (tmp_path / "in" / "c").write_text("d", encoding="utf-8")
    assert differing(tmp_path, sums) == ["a", "in/c"]


def test_a_sum_does_not_depend_on_the_order_of_keys():
    assert sum_of({"a": 1, "b": [2]}) == sum_of({"b": [2], "a": 1}) != sum_of({"a": 1, "b": [3]})


@pytest.fixture
def network(grn_home, runs_here):
    """Ask for a small network of the bundled model, and return its run and its table."""

    def ask():
        run_id = manager.submit(
            InferRequest(dataset_ref=GENES_ONLY, genes=GENES, tfs=("SPI1", "GATA1", "IRF8"), seeds=(0,))
        )
        assert manager.wait(run_id, timeout_s=60).state == "done"
        return run_id, RunStore().edges(run_id)

    return ask


def read_all(run_id: str) -> None:
    """Read everything that pages read of a network."""
    store = RunStore()
    store.edges(run_id)
    store.panel(run_id)
    store.levels(run_id)
    store.features(run_id)


def test_a_flipped_bit_of_a_result_is_told_and_asking_again_mends_it(network):
    run_id, edges = network()
    store, generator = RunStore(), random.Random(5)
    files = store.record(run_id)["files"]
    assert {"edges.parquet", "panel.json", "features/vvp.npy", "features/grid.json"} <= set(files)
    assert not CHANGING & set(files)
    for name in [*files, *files]:
        flip(store.path(run_id) / name, generator)
        assert store.damaged(run_id) == [name]
        if name != "features/chunks.json":  # which only a worker reads
            with pytest.raises(RunError, match=f"its {name} is damaged.*compute it again"):
                read_all(run_id)
        _, again = network()
        pd.testing.assert_frame_equal(again, edges)
        assert store.damaged(run_id) == []


def test_a_flipped_bit_of_a_record_or_a_status_never_ends_a_run_for_good(network):
    run_id, edges = network()
    store, generator = RunStore(), random.Random(6)
    before = store.record(run_id)
    for name in ("run.json", "status.json") * 6:
        flip(store.path(run_id) / name, generator)
        if name == "run.json":
            with suppress(RunError):  # there is no readable run, or it is the same
                assert store.record(run_id) == before
        pd.testing.assert_frame_equal(network()[1], edges)
        assert all(store.record(run_id)[name] == before[name] for name in ("run_id", "request", "hashes", "versions"))


def shown(run_id: str, token: str, *, of_files: bool) -> list[str]:
    """Return all that is shown of a run, each thing as it is, or as the words that it is damaged."""
    store = RunStore()

    def edges():
        return store.edges(run_id).to_csv()

    def features():
        found = {name: array.tolist() for name, array in store.features(run_id).items()}
        return found, store.panel(run_id), store.levels(run_id)

    def state():
        now, written = store.status(run_id), store.written_status(run_id)
        if written.message == UNREADABLE:  # by its record it is done all the same
            assert (now.state, now.fraction, now.wall_s > 0) == ("done", 1.0, True)
            raise RunError(UNREADABLE)
        return now

    def marks():
        if (found := store.marks(run_id)).damaged:
            raise RunError(found.told)
        return found

    def removed():
        (gone,) = removed_runs()
        return gone.info.request, time.time() - gone.removed < 3600

    def linked():
        return opened(token).info.request, len(shares())

    ways = [lambda: store.record(run_id), state, marks, lambda: subnetworks(run_id), removed, linked]
    return [_said(way) for way in ([*ways, edges, features] if of_files else ways)]


def _said(way):
    try:
        return repr(way())  # in which what is no number is itself
    except (RunError, ValueError):  # of a removed run that is not in the list
        return "damaged"


def test_of_two_hundred_flipped_bits_each_is_told_or_harmless(network):
    """In every file of a run, of what is said of it, of its links and of its removal."""
    run_id, _ = network()
    store, generator = RunStore(), random.Random(9)
    manager.mark(run_id, name="Monocytes", note="for figure 3", pinned=True)
    save_subnetwork(run_id, "interferon", ("IRF8", "LYZ"))
    token = share(run_id)
    gone = store.write_request(InferRequest(dataset_ref=GENES_ONLY, genes=GENES, tfs=("SPI1",), seeds=(1,)))
    store.write_status(gone, RunStatus("cancelled"))
    remove(gone)
    places = [store.path(run_id), store.root.parent / "shared", store.root.parent / "removed"]
    files = [path for place in places for path in place.rglob("*") if path.is_file() and path.stat().st_size]
    assert {"run.json", "status.json", "marks.json", "subnetworks.json", "removed.json", "edges.parquet"} <= {
        path.name for path in files
    }
    usual = shown(run_id, token, of_files=True)
    assert "damaged" not in usual
    told = 0
    for number in range(200):
        path = files[number % len(files)]
        content = path.read_bytes()
        flip(path, generator)
        now = shown(run_id, token, of_files=path.name == "edges.parquet" or path.parent.name == "features")
        other = [(one, was) for one, was in zip(now, usual, strict=False) if one not in ("damaged", was)]
        assert not other, path.name
        told += "damaged" in now
        path.write_bytes(content)
        forget()
    assert told > 100
    assert shown(run_id, token, of_files=True) == usual


def test_a_result_beside_another_record_is_not_taken_for_its_own(network):
    """What a record was about is lost with it: the table beside it is computed again."""
    run_id, edges = network()
    store = RunStore()
    (store.path(run_id) / "run.json").write_text("{", encoding="utf-8")
    (store.path(run_id) / "edges.parquet").write_bytes(b"PAR1")
    pd.testing.assert_frame_equal(network()[1], edges)


@pytest.mark.parametrize("seed", range(4))
def test_a_finished_chunk_that_was_damaged_is_computed_again(tmp_path, seed):
    model, generator = tiny_model(), random.Random(seed)
    ask = partial(extract_features, model, model.vocabulary[:6], [0, 1, 2, 3], extractors=["gdt", "vvp"], chunk=2)
    whole = {name: np.array(found) for name, found in ask().items()}
    ask(folder=tmp_path)
    victim = tmp_path / f"{generator.choice(['gdt', 'vvp'])}.npy"
    content = bytearray(victim.read_bytes())
    content[-1 - generator.randrange(200)] ^= 64  # in the values
    victim.write_bytes(content)
    again = ask(folder=tmp_path)
    for name, values in whole.items():
        np.testing.assert_array_equal(again[name], values)


@given(some_json)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_index_of_chunks_holds_the_work_begins_again(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("features")
    spec = FeatureSpec("m", "s", GENES[:3], (0,), (0.0,), "masked", "virtual", "", 1)
    FeatureWriter(spec, {"vvp": 2}, folder).write(0, {"vvp": np.ones((1, 3, 2), np.float32)})
    told = read_json(folder / "chunks.json")
    assert FeatureWriter(spec, {"vvp": 2}, folder).done == {0}
    for damaged in (content, {**told, "sums": content, SUM: sum_of({**told, "sums": content})}):
        write_json(folder / "chunks.json", damaged)
        assert FeatureWriter(spec, {"vvp": 2}, folder).done == set()


@given(st.fixed_dictionaries({"state": st.sampled_from(STATES)}, optional=dict.fromkeys(
    (field.name for field in fields(RunStatus) if field.name != "state"), some_json)))  # fmt: skip
def test_whatever_a_status_holds_it_is_read_or_refused(content):
    try:
        status = RunStatus.from_json(content)
    except ValueError:
        return
    with suppress(RunError):
        status.raise_for_failure()


def test_a_training_goes_on_from_a_whole_state_alone(tmp_path):
    state, generator = {"step": 3, "weights": torch.arange(50.0)}, random.Random(7)
    write_state(tmp_path / "a.pt", state)
    assert read_state(tmp_path / "a.pt", ["step"])["step"] == 3
    assert read_state(tmp_path / "a.pt", ["other"]) is None
    assert read_state(tmp_path / "none.pt", []) is None
    for _ in range(60):
        write_state(tmp_path / "a.pt", state)
        flip(tmp_path / "a.pt", generator)
        found = read_state(tmp_path / "a.pt", state)
        assert found is None or (found["step"] == 3 and torch.equal(found["weights"], state["weights"]))


def test_a_damaged_chunk_of_activities_is_scored_again(tmp_path):
    def cells(first: int, stop: int | None = None):
        for start in range(first, 8, 4):
            if stop is not None and start >= stop:
                message = "cancelled"
                raise Cancelled(message)
            yield np.arange(start, start + 4, dtype=np.float32)[:, None] + np.array([0, 10], np.float32)

    def scoring(stop=None):
        return SimpleNamespace(tfs=("A", "B"), n_cells=8, chunks=lambda first: cells(first, stop))

    whole = np.array(streamed(scoring(), tmp_path / "whole"))
    with pytest.raises(Cancelled):
        streamed(scoring(4), tmp_path / "parts")
    scores = np.load(tmp_path / "parts" / "scores.npy", mmap_mode="r+")
    scores[1, 2] += 100
    scores.flush()
    np.testing.assert_array_equal(streamed(scoring(), tmp_path / "parts"), whole)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_kept_part_is_whole_or_none(tmp_path, mapped):
    path, part, generator = tmp_path / "part.npy", np.arange(60, dtype=np.float32).reshape(6, 10), random.Random(8)
    assert kept_array(path) is None
    for _ in range(40):
        keep_array(path, part)
        np.testing.assert_array_equal(kept_array(path, shape=(6, 10), dtype=np.float32, mapped=mapped), part)
        assert kept_array(path, shape=(10, 6)) is kept_array(path, dtype=np.float64) is None
        flip(path, generator)
        assert kept_array(path, mapped=mapped) is None
    for length in (0, 10, 31, 32, 200):
        path.write_bytes(path.read_bytes()[:length])
        assert kept_array(path) is None
