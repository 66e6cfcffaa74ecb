"""GENIE3's draws: each gene has a seed of its own, from the run's seed and its name."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest

from grn_core.coexpression.genie3 import gene_seed, genie3

NAMES = ("ENSG00000102145", "Gata1", "HLA-DRB1", "a,b", "gène")


def test_the_seed_of_a_gene_comes_from_its_name_and_the_seed_of_the_run():
    """First four bytes, big end first, of the SHA-256 of seed, a zero byte and name."""
    assert gene_seed(0, "GATA1") == 0xD72D46B4
    found = {(seed, name): gene_seed(seed, name) for seed in range(4) for name in NAMES}
    assert len(set(found.values())) == len(found)
    assert all(0 <= one < 2**32 for one in found.values())


@pytest.mark.parametrize("extra_trees", [False, True])
def test_two_targets_with_the_same_values_draw_each_for_itself(extra_trees):
    rng = np.random.default_rng(0)
    sources = rng.normal(size=(60, 6))
    target = sources[:, 0] + rng.normal(size=60)
    expression = np.column_stack([sources, target, target])
    names = [*(f"TF{number}" for number in range(6)), "one", "other"]
    arguments = {"names": names, "seed": 3, "extra_trees": extra_trees, "trees": 20}
    found = genie3(expression, np.arange(6), targets=np.array([6, 7]), **arguments)
    assert not np.array_equal(found[:, 0], found[:, 1])
    np.testing.assert_allclose(found[:, 0], found[:, 1], atol=0.25)
    renamed = genie3(expression, np.arange(6), targets=np.array([7]), **{**arguments, "names": [*names[:7], "one"]})
    np.testing.assert_array_equal(renamed[:, 0], found[:, 0])


@pytest.mark.parametrize("extra_trees", [False, True])
def test_the_filters_of_warnings_are_not_emptied(monkeypatch, extra_trees):
    """They belong to the process: while one thread has emptied them, another that looks sees none."""
    emptied: list[str] = []
    monkeypatch.setattr(warnings, "resetwarnings", lambda: emptied.append(threading.current_thread().name))
    before = list(warnings.filters)
    expression = np.random.default_rng(0).normal(size=(30, 6))
    genie3(expression, np.arange(3), names=tuple("abcdef"), seed=0, extra_trees=extra_trees, trees=2)
    assert emptied == []
    assert list(warnings.filters) == before
