"""The same cells give the same genes and numbers on every road, in whatever order, format and names they come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grn_core.adapt.compact import cells_of as adapted_cells
from grn_core.adapt.options import AdaptOptions
from grn_core.benchmark.features.expression import own_cells, read_beeline_cells
from grn_core.datasets import expression, load, read, store_upload
from grn_core.genes.tables import ensembl_to_symbol
from grn_core.pretrain.corpus import read_cells
from tests.datasets.helpers import HUMAN, cells, saved

ID_OF = {symbol: gene_id for gene_id, symbol in ensembl_to_symbol("human").items()}
NAMES = (*HUMAN, "ARNTL", "BMAL1", "spi1", "NOBODY1")
"""An old name beside the new one of the same gene, a gene in two spellings, and one that no table knows."""
FEW = settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])


def frame_of(seed, *, n_cells=70, logged=False):
    rng = np.random.default_rng(seed)
    level = rng.lognormal(1.0, 1.0, (n_cells, len(NAMES)))
    counts = rng.poisson(level) + (rng.random(level.shape) < 0.2)
    counts[:, 0] += 1
    if logged:
        counts = np.log2(counts / counts.sum(1, keepdims=True) * 1e6 + 1)
    return pd.DataFrame(counts, [f"cell {number:02d}" for number in range(n_cells)], NAMES, dtype=np.float32)


def means_of(path, home):
    """Mean of each gene over the cells, on every road that reads a file of cells."""
    data = read(path)
    panel = data.panel(n_variable=100, tfs=["SPI1"])
    whole = data.panel(genes=panel.genes, tfs=["SPI1"])
    with path.open("rb") as file:
        uploaded = load(store_upload(path.name, file)).panel(n_variable=100, tfs=["SPI1"])
    assert uploaded.digest() == panel.digest()
    roads = {"panel": dict(zip(panel.genes, panel.mean, strict=True))}
    measured = expression(data, whole)
    roads["co-expression"] = dict(zip(whole.genes, np.asarray(measured.mean(0)).ravel(), strict=True))
    bench = own_cells(path)
    roads["benchmark"] = dict(zip(bench.genes, bench.mean, strict=True))
    values, symbols, _ = read_cells(path)
    roads["corpus"] = dict(zip(symbols, np.asarray(values.mean(0)).ravel(), strict=True))
    vocabulary = sorted(panel.genes)
    part = adapted_cells(data, vocabulary, options=AdaptOptions(steps=1))
    roads["adaptation"] = dict(zip((vocabulary[gene] for gene in part.genes), part.mean, strict=True))
    return panel, roads


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))


@pytest.mark.usefixtures("in_this_process")
@FEW
@given(seed=st.integers(0, 10_000), logged=st.booleans())
def test_every_road_has_the_same_numbers(tmp_path, seed, logged):
    frame_of(seed, logged=logged).T.to_csv(tmp_path / "cells.csv")
    panel, roads = means_of(tmp_path / "cells.csv", tmp_path)
    assert {"BMAL1", "SPI1"} <= set(panel.genes)
    for name, found in roads.items():
        assert set(panel.genes) <= set(found), name
        np.testing.assert_allclose([found[gene] for gene in panel.genes], panel.mean, rtol=1e-5, err_msg=name)


@pytest.mark.usefixtures("in_this_process")
@FEW
@given(seed=st.integers(0, 10_000), logged=st.booleans())
def test_order_format_and_duplicates_change_nothing(tmp_path, seed, logged):
    frame, rng = frame_of(seed, logged=logged), np.random.default_rng(seed)
    frame.to_csv(tmp_path / "one.csv")
    turned = frame.iloc[rng.permutation(len(frame)), rng.permutation(len(NAMES))]
    turned.T.to_csv(tmp_path / "other.tsv", sep="\t")
    packed = saved(cells(frame.to_numpy(), genes=NAMES), tmp_path)
    twice = pd.concat([frame.drop(columns="BMAL1"), frame[["BMAL1"]]], axis=1).rename(columns={"ARNTL": "BMAL1"})
    twice.to_csv(tmp_path / "twice.csv")
    one, *others = (read(tmp_path / name).panel() for name in ("one.csv", "other.tsv", packed.name, "twice.csv"))
    for other in others:
        assert (other.genes, other.labels, other.sources) == (one.genes, one.labels, one.sources)
        np.testing.assert_allclose(other.mean, one.mean, rtol=1e-5)


@pytest.mark.usefixtures("in_this_process")
@FEW
@given(seed=st.integers(0, 10_000))
def test_ids_and_symbols_of_one_file_are_one_panel(tmp_path, seed):
    frame = frame_of(seed)[list(HUMAN)]
    by_symbol = read(saved(cells(frame.to_numpy(), genes=HUMAN), tmp_path, "symbols.h5ad")).panel()
    ids = [ID_OF[gene] for gene in HUMAN]
    data = cells(frame.to_numpy(), genes=ids)
    data.var["feature_name"] = list(HUMAN)
    by_id = read(saved(data, tmp_path, "ids.h5ad")).panel()
    assert (by_id.genes, by_id.labels, by_id.sources) == (by_symbol.genes, by_symbol.labels, by_symbol.sources)
    np.testing.assert_array_equal(by_id.mean, by_symbol.mean)
    assert by_id.ids == tuple(ID_OF[gene] for gene in by_id.genes)


def test_beeline_files_are_read_alike_by_the_benchmark_and_as_uploads(tmp_path):
    (tmp_path / "hONE").mkdir()
    path = tmp_path / "hONE" / "ExpressionData.csv"
    frame_of(3, logged=True).T.to_csv(path)
    bench, upload = read_beeline_cells(tmp_path, "hONE"), own_cells(path)
    assert bench.genes == upload.genes
    np.testing.assert_allclose(bench.values, upload.values, rtol=1e-5)
