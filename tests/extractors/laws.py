"""What holds for every extractor that is registered, on every model that serves it."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
import torch

from grn_core.errors import Cancelled
from grn_core.extractors import EXTRACTORS, extractors_of
from grn_core.extractors.engine import extract_features
from grn_core.extractors.features import FeatureWriter
from grn_core.extractors.in_memory import extract_for_pairs

N_GENES, SOURCES = 8, (1, 4, 6)
CLOSE = {"rtol": 1e-5, "atol": 2e-6, "equal_nan": True}


class Case:
    """A model with some of its genes and the mean cell of made-up measurements."""

    def __init__(self, model) -> None:
        self.model, self.names = model, extractors_of(model.record)
        self.genes = sorted(model.vocabulary)[:N_GENES]
        self.mean = np.random.default_rng(5).uniform(0.3, 3.0, N_GENES)

    def ask(self, sources=SOURCES, *, order=None, **options):
        """Features of all extractors that the model serves; genes in another order if one is given."""
        order = np.arange(N_GENES) if order is None else order
        genes = [self.genes[index] for index in order]
        place = {int(old): new for new, old in enumerate(order)}
        return extract_features(
            self.model,
            genes,
            [place[source] for source in sources],
            extractors=self.names,
            context=self.model.to_units(genes, self.mean[order]),
            **options,
        )


def agree(found, wanted) -> None:
    assert list(found) == list(wanted)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], **CLOSE, err_msg=name)


def has_the_length_that_its_record_says(case: Case) -> None:
    found, record = case.ask(), case.model.record
    for name in case.names:
        length = EXTRACTORS[name].length(record, record.default_readout, len(record.grid))
        assert found[name].shape == (len(SOURCES), N_GENES, length)
        assert found[name].dtype == np.float32
        assert np.nanmax(np.abs(found[name])) > 0, name


def leaves_out_the_self_pairs_and_nothing_else(case: Case) -> None:
    for name, array in case.ask().items():
        if EXTRACTORS[name].is_term:
            assert np.isfinite(array).all(), name
            continue
        missing = np.argwhere(np.isnan(array).any(axis=-1))
        assert [(SOURCES[row], column) for row, column in missing] == [(one, one) for one in SOURCES], name
        assert np.isnan(array).all(axis=-1).sum() == len(SOURCES)


def follows_the_order_of_the_genes(case: Case) -> None:
    order = np.random.default_rng(2).permutation(N_GENES)
    straight = case.ask()
    agree(case.ask(order=order), {name: straight[name][:, order] for name in straight})


def asks_each_source_by_itself(case: Case) -> None:
    every = case.ask()
    agree(case.ask(SOURCES[:0:-1]), {name: every[name][:0:-1] for name in every})
    agree(case.ask(SOURCES[1:2]), {name: every[name][1:2] for name in every})


def heeds_no_batch_and_no_chunk(case: Case) -> None:
    usual = case.ask()
    for batch, chunk in ((1, 1), (3, 2), (1000, 100)):
        agree(case.ask(batch=batch, chunk=chunk), usual)


def goes_on_where_it_was_stopped(case: Case, folder) -> None:
    wanted = case.ask()

    def stop(_stage: str, done: int, _total: int) -> None:
        if done >= 2:
            message = "stopped"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        case.ask(folder=folder, chunk=1, progress=stop)
    rest = list(range(2, len(SOURCES)))
    assert asked_again(case, folder, wanted) == rest
    assert asked_again(case, folder, wanted) == []
    for name in case.names:
        if not EXTRACTORS[name].is_term:  # those are kept once a gene
            array = np.load(folder / f"{name}.npy", mmap_mode="r+")
            array[1, 0, 0] += 7.5
            array.flush()
            assert asked_again(case, folder, wanted) == [1]


def asked_again(case: Case, folder, wanted) -> list[int]:
    """Ask, hold the answer to what is wanted, and return the chunks that were asked for it."""
    chunks, write = [], FeatureWriter.write

    def written(self, chunk, arrays) -> None:
        chunks.append(chunk)
        write(self, chunk, arrays)

    with mock.patch.object(FeatureWriter, "write", written):
        found = case.ask(folder=folder, chunk=1)
    for name in case.names:
        np.testing.assert_allclose(found[name], wanted[name], **CLOSE)
    return chunks


def gives_pairs_what_it_gives_the_panel(case: Case) -> None:
    whole = case.ask()
    pairs = np.array([[6, 2], [1, 0], [6, 7], [4, 5], [1, 3]])
    found = extract_for_pairs(
        case.model,
        case.genes,
        pairs,
        extractors=case.names,
        context=case.model.to_units(case.genes, case.mean),
    )
    rows = [SOURCES.index(source) for source in pairs[:, 0]]
    agree(found, {name: whole[name][rows, pairs[:, 1]] for name in whole})


def is_symmetric_where_its_record_says_so(case: Case) -> None:
    rows, columns = np.triu_indices(len(SOURCES), 1)
    ends = np.array(SOURCES)
    for name, array in case.ask().items():
        forth, back = array[rows, ends[columns]], array[columns, ends[rows]]
        assert np.allclose(forth, back, rtol=1e-5, atol=2e-6) != EXTRACTORS[name].directed, name


def leaves_the_model_as_it_came(case: Case) -> None:
    """Modes, flags, type and weights, also when something breaks in the middle."""
    network = case.model.network
    network.train()
    first = next(network.parameters())
    first.requires_grad_(requires_grad=True)

    def state() -> tuple:
        modes = [module.training for module in network.modules()]
        tensors = [(one.requires_grad, one.grad is None, one.dtype, one.device) for one in network.parameters()]
        return modes, tensors, [one.clone() for one in network.state_dict().values()]

    before = state()
    while_training = dict(case.ask())
    check_same(state(), before)
    taking_part = []
    hooks = [one.register_forward_pre_hook(lambda one, _: taking_part.append(one)) for one in network.modules()]
    case.ask()
    for hook in hooks:
        hook.remove()
    hook = taking_part[len(taking_part) // 2].register_forward_pre_hook(breaks)
    with pytest.raises(ZeroDivisionError, match="broken"):
        case.ask()
    hook.remove()
    check_same(state(), before)
    network.eval()
    first.requires_grad_(requires_grad=False)
    agree(case.ask(), while_training)


def breaks(*_: object) -> None:
    message = "broken"
    raise ZeroDivisionError(message)


def check_same(now: tuple, before: tuple) -> None:
    assert now[:2] == before[:2]
    assert all(torch.equal(one, other) for one, other in zip(now[2], before[2], strict=True))


LAWS = (
    has_the_length_that_its_record_says,
    leaves_out_the_self_pairs_and_nothing_else,
    follows_the_order_of_the_genes,
    asks_each_source_by_itself,
    heeds_no_batch_and_no_chunk,
    gives_pairs_what_it_gives_the_panel,
    is_symmetric_where_its_record_says_so,
    leaves_the_model_as_it_came,
)
