"""Panels that are longer than what a model reads at once, and memory that runs out."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from grn_core.errors import Cancelled, RequestError, RunError
from grn_core.extractors.blocks import overlapping_blocks
from grn_core.extractors.engine import extract_features
from grn_core.extractors.in_memory import extract_for_pairs, extract_rows
from tests.models.tiny import GRID, tiny_model, tiny_record

SOURCES = (1, 4, 7, 8, 10)


def same(found, wanted, atol=1e-6):
    for kind in ("vvp", "gdt"):
        np.testing.assert_allclose(found[kind], wanted[kind], rtol=0, atol=atol, equal_nan=True)


# --- blocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "size"), [(11, 3), (12, 3), (12, 4), (2000, 1199), (1200, 1199), (5, 1), (2398, 1199)]
)
def test_blocks_are_full_cover_everything_and_overlap(count, size):
    genes = [f"G{number:04d}" for number in range(count)]
    blocks = overlapping_blocks(genes, size)
    times = np.bincount(np.concatenate(blocks), minlength=count)
    assert {len(block) for block in blocks} == {size}
    assert len(blocks) == count // size + 1
    assert times.min() == 1
    assert times.max() == 2
    assert all((np.diff(block) > 0).all() for block in blocks)


def test_a_panel_that_is_short_enough_is_one_block():
    (block,) = overlapping_blocks(["B", "A", "C"], 3)
    assert block.tolist() == [0, 1, 2]


def test_names_and_seed_decide_the_blocks_and_the_order_of_the_genes_does_not():
    genes = [f"G{number:02d}" for number in range(20)]
    order = np.random.default_rng(0).permutation(20)

    def named(names, **options):
        return [{names[position] for position in block} for block in overlapping_blocks(names, 6, **options)]

    assert named(genes) == named([genes[index] for index in order])
    assert named(genes, seed=0) == named(genes)
    assert named(genes, seed=1) != named(genes)


def test_where_the_panel_does_not_matter_blocks_change_nothing():
    model = tiny_model()
    assert model.ignores_the_panel("masked")
    same(
        extract_features(model, model.vocabulary, SOURCES, block=4),
        extract_features(model, model.vocabulary, SOURCES),
        atol=1e-7,
    )


def test_features_are_the_mean_over_the_blocks_that_hold_the_pair():
    """By brute force: every block with its source as a panel of its own."""
    model = tiny_model()
    blocks = overlapping_blocks(model.vocabulary, 4)
    assert len(blocks) == 3
    found = extract_features(model, model.vocabulary, SOURCES, readout="plain", block=5)
    for row, source in enumerate(SOURCES):
        seen = {kind: [[] for _ in model.vocabulary] for kind in ("vvp", "gdt")}
        for block in blocks:
            members = sorted({*block.tolist(), source})
            names = [model.vocabulary[member] for member in members]
            alone = extract_features(model, names, [members.index(source)], readout="plain")
            for kind in seen:
                for place, member in enumerate(members):
                    seen[kind][member].append(alone[kind][0, place])
        for kind, lists in seen.items():
            wanted = np.array([np.mean(one, axis=0) for one in lists])
            np.testing.assert_allclose(found[kind][row], wanted, rtol=0, atol=1e-6, equal_nan=True)
    whole = extract_features(model, model.vocabulary, SOURCES, readout="plain")
    assert np.nanmax(np.abs(found["vvp"] - whole["vvp"])) > 1e-4


def test_every_pair_but_the_self_pairs_has_a_feature():
    model = tiny_model()
    found = extract_features(model, model.vocabulary, SOURCES, readout="plain", block=3)
    missing = np.isnan(found["gdt"]).any(axis=2)
    assert [(SOURCES[row], column) for row, column in np.argwhere(missing)] == [(s, s) for s in SOURCES]


@pytest.mark.parametrize(
    ("batch", "chunk"),
    [pytest.param(1, 1, marks=pytest.mark.thorough), (3, 2), pytest.param(1000, 100, marks=pytest.mark.thorough)],
)
def test_chunks_and_batches_change_nothing_in_blocks(batch, chunk):
    model = tiny_model()
    usual = extract_features(model, model.vocabulary, SOURCES, readout="plain", block=5)
    options = {"readout": "plain", "block": 5, "batch": batch, "chunk": chunk}
    same(extract_features(model, model.vocabulary, SOURCES, **options), usual)
    some = extract_features(model, model.vocabulary, SOURCES[2:4], **options)
    same(some, {kind: usual[kind][2:4] for kind in usual})


def test_the_order_of_the_genes_changes_nothing_in_blocks():
    model = tiny_model()
    order = np.random.default_rng(1).permutation(11)
    position = {int(old): new for new, old in enumerate(order)}
    names = [model.vocabulary[index] for index in order]
    usual = extract_features(model, model.vocabulary, SOURCES, readout="plain", block=5)
    other = extract_features(model, names, [position[s] for s in SOURCES], readout="plain", block=5)
    same(other, {kind: usual[kind][:, order] for kind in usual})


def test_the_seed_decides_the_features_in_blocks():
    model = tiny_model()
    options = {"readout": "plain", "block": 5}
    one, again, other = (extract_features(model, model.vocabulary, SOURCES, seed=s, **options) for s in (0, 0, 1))
    same(again, one, atol=0)
    assert np.nanmax(np.abs(other["vvp"] - one["vvp"])) > 1e-6


def test_pairs_have_the_features_of_the_panel_in_blocks():
    model = tiny_model()
    whole = extract_features(model, model.vocabulary, SOURCES, readout="plain", block=5)
    pairs = np.array([[8, 2], [1, 0], [8, 10], [4, 5], [1, 9]])
    found = extract_for_pairs(model, model.vocabulary, pairs, readout="plain", block=5)
    rows = [SOURCES.index(source) for source in pairs[:, 0]]
    for kind, array in found.items():
        np.testing.assert_allclose(array, whole[kind][rows, pairs[:, 1]], rtol=0, atol=1e-6)


@pytest.mark.parametrize("extractors", ["vvp", ("attn", "emb")])
def test_whole_rows_in_memory_are_those_on_disk_also_in_blocks(extractors):
    model = tiny_model()
    model.record = tiny_record(max_genes=5)
    context = np.linspace(-1, 1, len(model.vocabulary))
    options = {"extractors": extractors, "readout": "plain", "context": context}
    rows = extract_rows(model, model.vocabulary, SOURCES, **options)
    wanted = extract_features(model, model.vocabulary, SOURCES, **options)
    other = extract_features(model, model.vocabulary, SOURCES, seed=1, **options)
    assert wanted.spec.block == 4
    for name in wanted:
        others = np.isfinite(wanted[name])  # on disk, a source has no features of itself
        np.testing.assert_allclose(rows[name][others], wanted[name][others], rtol=0, atol=1e-6)
        if name != "emb":
            assert np.nanmax(np.abs(other[name] - wanted[name])) > 1e-6, "the blocks matter here"


def test_the_models_record_says_how_many_genes_it_reads():
    model, notes = tiny_model(), []
    model.record = tiny_record(max_genes=5)
    found = extract_features(model, model.vocabulary, SOURCES, readout="plain", note=notes.append)
    assert (found.spec.block, found.spec.seed) == (4, 0)
    assert len(notes) == 1
    assert "reads 5 genes at once and the panel has 11" in notes[0]
    assert "3 overlapping blocks" in notes[0]
    same(found, extract_features(tiny_model(), model.vocabulary, SOURCES, readout="plain", block=5))
    masked = extract_features(model, model.vocabulary, SOURCES, note=pytest.fail)
    assert masked.spec.block == 0


def test_a_block_has_room_for_a_tf_and_a_target():
    model = tiny_model()
    with pytest.raises(RequestError, match="blocks of 1 genes"):
        extract_features(model, model.vocabulary, SOURCES, readout="plain", block=1)


def test_an_extraction_in_blocks_goes_on_from_its_finished_chunks(tmp_path):
    model = tiny_model()
    options = {"readout": "plain", "block": 5, "chunk": 2}
    wanted = extract_features(model, model.vocabulary, SOURCES, **options)

    def stop(stage, done, total):
        if done >= 4:
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, progress=stop, **options)
    assert json.loads((tmp_path / "chunks.json").read_text())["done"] == [0, 1]
    rows = passes_of(model)
    same(extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, **options), wanted)
    assert sum(rows) == 3 * len(GRID)  # three blocks of the one source that was left
    extract_features(model, model.vocabulary, SOURCES, folder=tmp_path, **{**options, "block": 6})
    assert sum(rows) == (3 + 3 * len(SOURCES)) * len(GRID)  # other blocks are other features: all anew


# --- memory --------------------------------------------------------------------------------------------------------


def passes_of(model, *, fits=10**9, error=None):
    """Let the joint pass run out of memory above `fits` cells; return the list of cells of each pass that went well."""
    original, passed = model.value_and_tangent, []

    def limited(genes, values, *args, **kwargs):
        if len(values) > fits:
            raise error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        passed.append(len(values))
        return original(genes, values, *args, **kwargs)

    model.value_and_tangent = limited
    return passed


def test_memory_that_runs_out_halves_the_batch_and_is_told():
    wanted = extract_features(tiny_model(), tiny_model().vocabulary, SOURCES)
    model, notes = tiny_model(), []
    passed = passes_of(model, fits=3)
    found = extract_features(model, model.vocabulary, SOURCES, batch=16, chunk=4, note=notes.append)
    same(found, wanted, atol=1e-7)
    assert max(passed) == 2
    assert sum(passed) == len(SOURCES) * len(GRID)
    assert [note.split(" ran out ")[1] for note in notes] == [
        f"with {size} virtual cells at once: went on with {size // 2}." for size in (16, 8, 4)
    ]


def test_the_smaller_batch_is_kept_for_the_chunks_and_blocks_that_follow():
    model, notes = tiny_model(), []
    passed = passes_of(model, fits=2)
    extract_features(model, model.vocabulary, SOURCES, readout="plain", block=5, chunk=1, batch=4, note=notes.append)
    assert [note.startswith("The memory") for note in notes] == [False, True]
    assert max(passed) == 2


def test_the_allocator_of_the_cpu_is_understood():
    model, notes = tiny_model(), []
    error = RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried")
    passes_of(model, fits=5, error=error)
    extract_features(model, model.vocabulary, SOURCES, batch=8, note=notes.append)
    assert len(notes) == 1
    assert "memory of the machine ran out" in notes[0]


def test_memory_for_not_even_one_cell_is_an_error_that_says_what_to_do():
    model = tiny_model()
    passes_of(model, fits=0)
    with pytest.raises(RunError, match=r"one virtual cell of 11 genes.*fewer genes"):
        extract_features(model, model.vocabulary, SOURCES)


def test_another_error_is_not_taken_for_memory():
    model = tiny_model()
    passes_of(model, fits=0, error=RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        extract_features(model, model.vocabulary, SOURCES)


def test_what_is_read_in_the_measured_cell_is_read_there_in_blocks_too():
    """Pert in a panel of blocks is the mean of Pert in each block alone, at the same means."""
    model, means, source = tiny_model(), np.linspace(0.3, 2.0, 11), 4
    genes = model.vocabulary

    def read(members, **options):
        names, place = [genes[member] for member in members], list(members).index(source)
        context = means[list(members)]
        return extract_features(
            model, names, [place], extractors="pert", readout="plain", context=context, **options
        )["pert"][0]  # fmt: skip

    total, times = np.zeros((11, 1)), np.zeros((11, 1))
    for block in overlapping_blocks(genes, 5):
        members = sorted({*block.tolist(), source})
        total[members] += read(members)
        times[members] += 1
    np.testing.assert_allclose(read(range(11), block=6), total / times, rtol=0, atol=1e-6, equal_nan=True)
