"""A user's cells as training data: order decides nothing, counts and logarithms agree, what cannot serve is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grn_core.adapt import compact
from grn_core.adapt.options import AdaptOptions
from grn_core.datasets.values import log_cp10k
from grn_core.errors import DataError, GeneError, RequestError
from tests.adapt.toy import TFS, dataset_of, symbols, toy_cells

OPTIONS = AdaptOptions(batch=16, genes_per_cell=12)
VOCABULARY = symbols(40)


def part_of(dataset, **choice):
    return compact.cells_of(dataset, VOCABULARY, **{"options": OPTIONS, **choice})


def test_the_order_of_cells_and_genes_decides_nothing():
    data = toy_cells()
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(data.n_cells), rng.permutation(data.n_genes)
    shuffled = dataset_of(
        data.matrix.toarray()[np.ix_(rows, columns)],
        [data.genes[column] for column in columns],
        cells=data.obs.index[rows],
    )
    one, other = part_of(data), part_of(shuffled)
    assert shuffled.sha256 != data.sha256
    assert one.sha256 == other.sha256
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.genes, other.genes)


def test_counts_and_their_logarithms_give_the_same_values():
    data = toy_cells()
    logged = dataset_of(log_cp10k(data.matrix, kind="counts").toarray(), data.genes, kind="lognorm")
    np.testing.assert_allclose(part_of(data).values, part_of(logged).values, atol=4e-3)


def test_values_are_standardised_over_the_chosen_cells():
    data = toy_cells()
    chosen = data.cells_where("half", ["low"])
    part = part_of(data, cells=chosen)
    logged = log_cp10k(data.matrix[chosen], kind="counts").toarray()
    np.testing.assert_allclose(part.values, np.clip((logged - logged.mean(0)) / logged.std(0), -3, 5), atol=4e-3)
    assert part.sha256 != part_of(data).sha256


def test_genes_that_the_model_lacks_are_left_out():
    part = compact.cells_of(toy_cells(), VOCABULARY[:20], options=OPTIONS)
    known = set(VOCABULARY[:20]) & set(toy_cells().genes)
    assert {VOCABULARY[gene] for gene in part.genes} == known


def test_held_out_cells_are_a_tenth_and_at_least_ten():
    assert part_of(toy_cells(60)).held_out.sum() == 10
    assert part_of(toy_cells(300)).held_out.sum() == 30


def test_more_cells_than_the_bound_are_thinned_out_by_the_seed():
    data = toy_cells(200)
    bound = replace(OPTIONS, most_cells=80)
    one, other = (part_of(data, options=replace(bound, seed=seed)) for seed in (0, 1))
    assert len(one.values) == len(other.values) == 80
    assert one.sha256 == part_of(data, options=bound).sha256 != other.sha256


@pytest.mark.parametrize("n_cells", [10, 59])
def test_too_few_cells_are_refused_with_the_way_out(n_cells):
    with pytest.raises(DataError, match=f"{n_cells} of {n_cells} cells .* at least 60.*without adaptation"):
        part_of(toy_cells(n_cells))


def test_a_choice_of_too_few_cells_is_refused():
    data = toy_cells(100)
    with pytest.raises(DataError, match="50 of 100 cells"):
        part_of(data, cells=data.cells_where("half", ["low"]))
    with pytest.raises(DataError, match="shape"):
        part_of(data, cells=np.ones(7, dtype=bool))


def test_scaled_values_and_unknown_genes_are_refused():
    data = toy_cells()
    with pytest.raises(DataError, match="scaled"):
        part_of(replace(data, value_kind="scaled"))
    with pytest.raises(GeneError, match="0 genes"):
        compact.cells_of(data, ("NOT", "HERE"), options=OPTIONS)


def test_constant_genes_teach_nothing_and_are_left_out():
    data = toy_cells()
    values = log_cp10k(data.matrix, kind="counts").toarray()
    values[:, 3] = 1.0
    part = part_of(dataset_of(values, data.genes, kind="lognorm"))
    assert data.genes[3] not in {VOCABULARY[gene] for gene in part.genes}
    assert len(part.genes) == data.n_genes - 1


def test_the_overall_level_of_cells_is_regressed_out():
    rng = np.random.default_rng(0)
    level = rng.normal(size=(150, 1))
    own = rng.normal(size=(150, 300))
    values = (level + own).astype(np.float16)
    result = compact.without_level(values).astype(np.float64)
    before = np.corrcoef(values.astype(np.float64).T)[np.triu_indices(300, 1)].mean()
    after = np.corrcoef(result.T)[np.triu_indices(300, 1)].mean()
    assert before > 0.4
    assert abs(after) < 0.02
    np.testing.assert_allclose(result.std(0), 1, atol=5e-2)
    left = [np.corrcoef(result[:, gene], own[:, gene])[0, 1] for gene in range(300)]
    assert min(left) > 0.95


def test_few_genes_have_no_overall_level():
    values = np.random.default_rng(0).normal(size=(80, 20)).astype(np.float16)
    assert compact.without_level(values) is values


def draws(part, n=40, *, options=OPTIONS, stream=compact.TRAIN):
    weight = compact.gene_weight(part, VOCABULARY, options)
    return [compact.draw(part, weight, options, step=step, stream=stream) for step in range(n)]


@pytest.mark.parametrize("n_genes", [2, 5, 30])
def test_every_batch_shows_a_gene_and_hides_one(n_genes):
    part = part_of(toy_cells(n_genes=n_genes))
    counts = set()
    for ids, values, visible in draws(part):
        assert ids.shape == values.shape == visible.shape == (16, min(12, n_genes))
        assert set(ids.flatten().tolist()) <= set(part.genes.tolist())
        assert all(len(set(row)) == len(row) for row in ids.tolist())
        counts |= set(visible.sum(1).tolist())
    assert min(counts) >= 1
    assert max(counts) < min(12, n_genes)


def test_a_batch_shows_the_values_of_its_own_cells():
    part = part_of(toy_cells())
    place = {int(gene): column for column, gene in enumerate(part.genes)}
    pools = {compact.TRAIN: ~part.held_out, compact.CHECK: part.held_out}
    for stream, pool in pools.items():
        rows = part.values[pool].astype(np.float32)
        for ids, values, _ in draws(part, 3, stream=stream):
            for one, shown in zip(ids.tolist(), values.numpy(), strict=True):
                assert (rows[:, [place[gene] for gene in one]] == shown).all(1).any()


def test_tfs_are_drawn_more_often():
    part = part_of(toy_cells())
    ids = np.concatenate([ids.numpy().ravel() for ids, _, _ in draws(part, 60)])
    is_tf = np.isin(ids, [VOCABULARY.index(name) for name in TFS])
    assert is_tf.mean() > 1.2 * len(TFS) / len(part.genes)


def test_the_seed_decides_the_batches():
    part = part_of(toy_cells())
    one, again, other = (draws(part, 1, options=replace(OPTIONS, seed=seed))[0] for seed in (0, 0, 1))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert not (one[0] == other[0]).all()


@pytest.mark.parametrize(
    "wrong",
    [{"steps": -1}, {"steps": 10**6}, {"learning_rate": 0}, {"held_out": 0.9}, {"most_cells": 5}, {"seed": -1}],
)
def test_options_out_of_bounds_are_refused(wrong):
    with pytest.raises(RequestError, match=next(iter(wrong)).replace("steps", "steps of adaptation")):
        AdaptOptions(**wrong)
