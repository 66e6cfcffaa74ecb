"""How many virtual cells go through a model at once, and what happens when the memory runs out."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grn_core.errors import RequestError, RunError
from grn_core.extractors.batches import TOKENS_PER_BATCH, Batch, Pace, cells_per_batch, silent_note
from grn_core.models.memory import ran_out


def never_enough(_part):
    message = "[enforce fail] can't allocate memory: you tried to allocate 99 bytes"
    raise RuntimeError(message)


@pytest.mark.parametrize(
    ("device", "where"), [("cuda", "graphics processor"), ("mps", "graphics processor"), ("cpu", "machine")]
)
def test_where_the_memory_ran_out_is_said(monkeypatch, device, where):
    emptied, notes, seen = [], [], []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(True))

    def work(part):
        seen.append((part.start, part.stop))
        if part.stop - part.start > 3:
            never_enough(part)

    Batch(7, precision="float32", note=notes.append).run(work, 7, n_genes=1200, device=device)
    assert seen == [(0, 7), (0, 3), (3, 6), (6, 9)]
    assert notes == [f"The memory of the {where} ran out with 7 virtual cells at once: went on with 3."]
    assert emptied == [True] * (device == "cuda"), "only CUDA keeps what it once had"
    with pytest.raises(RunError) as caught:
        Batch(1, precision="float32", note=silent_note).run(never_enough, 1, n_genes=1200, device=device)
    assert caught.value.found == f"the memory of the {where} does not hold one virtual cell of 1,200 genes"


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_every_way_to_run_out_of_memory_halves_the_cells(error):
    """What `ran_out` knows is caught, whatever class it has."""
    assert ran_out(error)
    seen = []

    def work(part):
        if part.stop - part.start > 2:
            raise error
        seen.append((part.start, part.stop))

    Batch(4, precision="float32", note=silent_note).run(work, 4, n_genes=10, device="cpu")
    assert seen == [(0, 2), (2, 4)]


@pytest.mark.parametrize(
    ("n_tokens", "cells"), [(0, TOKENS_PER_BATCH), (1, TOKENS_PER_BATCH), (6144, 1), (6145, 1), (3072, 2), (3073, 1)]
)
def test_a_batch_holds_so_many_tokens_and_one_cell_at_least(n_tokens, cells):
    assert cells_per_batch(n_tokens) == cells


def test_another_error_is_no_lack_of_memory():
    def work(_part):
        message = "mat1 and mat2 shapes cannot be multiplied"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="shapes cannot"):
        Batch(4, precision="float32", note=silent_note).run(work, 4, n_genes=3, device="cpu")


def test_a_precision_that_there_is_not_is_refused():
    with pytest.raises(RequestError):
        Batch(4, precision="float16", note=silent_note)


@given(st.floats(1e-6, 1.0), st.floats(1e-10, 1e-6))
def test_the_pace_settles_where_most_of_the_speed_is(start_s, token_s):
    """A pass takes a start and a time a token: at 1.1 a doubling, 9/11 of the speed without starts are reached."""
    pace, tried = Pace(), []
    while not pace.settled:
        tried.append(pace.tokens)
        pace.took(pace.tokens, start_s + pace.tokens * token_s)
    assert pace.tokens / (start_s + pace.tokens * token_s) >= 0.999 * 9 / 11 / token_s
    assert tried == sorted(tried)
    assert max(tried) <= 2 * pace.tokens, "one step further was tried, and no more"


def test_one_slow_pass_ends_no_search():
    pace = Pace()
    for seconds in (9.0, 1.0, 1.0, 9.0):  # twice the tokens in the same time, but for the first pass of each size
        pace.took(pace.tokens, seconds)
    assert (pace.tokens, pace.settled) == (4 * TOKENS_PER_BATCH, False)
    for _ in range(2):
        pace.took(pace.tokens, 9.0)
    assert (pace.tokens, pace.settled) == (2 * TOKENS_PER_BATCH, True)


def test_a_pass_that_is_not_full_says_nothing(monkeypatch):
    taken = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(Pace, "took", lambda _self, tokens, _seconds: taken.append(tokens))
    Batch(None, precision="float32", note=silent_note).run(lambda _part: None, 20, n_genes=1000, device="cuda")
    assert taken == [6000, 6000, 6000], "and not the last two cells"


def test_cells_of_many_tokens_are_tried_two_at_once_too(monkeypatch):
    sizes = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr("grn_core.extractors.batches.time.perf_counter", lambda: float(len(sizes)))
    batch = Batch(None, precision="float32", note=silent_note)
    batch.run(lambda part: sizes.append(part.stop - part.start), 40, n_genes=7000, device="cuda")
    assert max(sizes) >= 4, "every pass takes a second: the larger, the quicker"


@pytest.mark.parametrize("n_cells", [1, 7, 64, 1000])
def test_on_a_graphics_processor_every_cell_is_asked_once_whatever_the_pace(monkeypatch, n_cells):
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    batch, asked = Batch(None, precision="float32", note=silent_note), []
    for _ in range(8):
        asked.clear()
        batch.run(lambda part: asked.extend(range(n_cells)[part]), n_cells, n_genes=1000, device="cuda")
        assert asked == list(range(n_cells))
    assert Batch(5, precision="float32", note=silent_note).cells(1000, "cuda") == 5, "what is asked for is done"
    assert batch.cells(1000) == 6, "a processor's batch is not the graphics processor's"
