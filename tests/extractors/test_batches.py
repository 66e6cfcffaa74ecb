"""How many virtual cells go through a model at once, and what happens when the memory runs out."""

from __future__ import annotations

import pytest
import torch

from grn_core.errors import RequestError, RunError
from grn_core.extractors.batches import TOKENS_PER_BATCH, Batch, cells_per_batch, silent_note


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
