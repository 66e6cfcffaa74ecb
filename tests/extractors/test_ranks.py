"""Readouts of a rank model: the published in-silico perturbations, attention and embeddings."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from grn_core import datasets
from grn_core.datasets import GenePanel
from grn_core.errors import Cancelled, GeneError, RequestError
from grn_core.extractors.ranks import rank_edges, rank_scores
from grn_core.models.geneformer.network import SHARED, GeneformerNetwork, read_settings
from grn_core.models.load import load_model
from grn_core.networks.edge_columns import COLUMNS, OPTIONAL
from tests.models.published import FIXTURES, expected, model_of
from tests.models.tiny import tiny_model

pytestmark = pytest.mark.geneformer
FOLDERS = {
    "v1": FIXTURES / "geneformer_v1" / "Geneformer-V1-10M",
    "v2": FIXTURES / "geneformer_v2" / "Geneformer-V2-104M",
}
READOUTS = ("delete", "move-to-front", "attention", "contextual", "embedding")
EXACT = {"rtol": 0, "atol": 1e-12}


@pytest.fixture(params=FOLDERS)
def model(request):
    return model_of(FOLDERS[request.param])


def panel_of(model, n_genes=9, *, silent=(), seed=0):
    """Genes of random expression; those in `silent` are at 0."""
    genes = tuple(sorted(model.vocabulary[:n_genes]))
    mean = np.random.default_rng(seed).uniform(0.2, 3, n_genes).astype(np.float32)
    mean[list(silent)] = 0
    labels = tuple(f"my-{gene}" for gene in genes)
    return GenePanel(genes, labels, sources=(1, 4, 5), mean=mean, dataset_ref="mine")


def cosine(one, other):
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def by_hand(model, panel, readout, layer):
    """Scores by lists of tokens, one cell and one pair at a time."""
    position, medians, (front, back) = (
        model.dictionaries.of_symbol,
        model.dictionaries.median_of,
        model.dictionaries.special,
    )
    level = {
        position[g]: np.expm1(float(m)) / medians[position[g]] for g, m in zip(panel.genes, panel.mean, strict=True)
    }
    cell = [*front, *sorted((t for t in level if level[t] > 0), key=lambda t: -level[t]), *back]

    def embed(tokens):
        return dict(zip(tokens, model.network(torch.tensor([tokens]))["hidden"][layer][0].numpy(), strict=True))

    result = np.full((len(panel.sources), len(panel.genes)), np.nan)
    before = embed(cell)
    for row, source in enumerate(position[panel.genes[s]] for s in panel.sources):
        if source not in cell:
            continue
        others = [token for token in cell if token != source]
        after = embed(others if readout == "delete" else [*others[: len(front)], source, *others[len(front) :]])
        for column, target in enumerate(position[gene] for gene in panel.genes):
            if target in cell and target != source:
                change = 1 - cosine(after[target], before[target])
                result[row, column] = cosine(before[source], before[target]) if readout == "contextual" else change
    return result


@pytest.mark.parametrize("readout", ["delete", "move-to-front", "contextual"])
@pytest.mark.parametrize("layer", [None, -1, 1])
def test_an_independent_slow_reading_agrees(model, readout, layer):
    panel = panel_of(model, silent=(5, 7))
    found = rank_scores(model, panel, readout, **({} if layer is None else {"layer": layer}))
    np.testing.assert_allclose(found, by_hand(model, panel, readout, layer or -2), **EXACT)
    assert np.isnan(found).sum() == 2 * 3 + 7 + 2  # two silent genes, one of them a source; two pairs with themselves


@pytest.mark.parametrize("version", FOLDERS)
@pytest.mark.parametrize(("readout", "key"), [("delete", "delete"), ("move-to-front", "overexpress")])
def test_perturbations_are_those_of_the_published_code(version, readout, key):
    """A panel whose mean cell has the tokens of the published example: same changes of the last layer."""
    wanted, model = expected(FOLDERS[version].parent), model_of(FOLDERS[version])
    row = wanted["rows"].tolist().index(1)
    cell = wanted["input_ids"][1][wanted["attention_mask"][1] == 1].tolist()
    front, back = model.dictionaries.special
    tokens = cell[len(front) : len(cell) - len(back)]
    name_of = {token: gene for gene, token in model.dictionaries.of_symbol.items()}
    genes = tuple(sorted(name_of[token] for token in tokens))
    ids = [model.dictionaries.of_symbol[gene] for gene in genes]
    mean = np.array([np.log1p((99 - tokens.index(token)) * model.dictionaries.median_of[token]) for token in ids])
    source = ids.index(int(wanted["pert_token"]))
    panel = GenePanel(genes, genes, (source,), mean.astype(np.float32), dataset_ref="mine")
    assert model.order(genes, model.to_units(genes, panel.mean)).tolist() == cell
    after = zip(wanted[f"pert_{key}"].tolist(), wanted[f"pert_{key}_last_hidden_f64"].numpy(), strict=True)
    before = dict(zip(cell, wanted["hidden_states_f64"][-1, row, : len(cell)].numpy(), strict=True))
    changes = {token: 1 - cosine(vector, before[token]) for token, vector in after} | {ids[source]: np.nan}
    found = rank_scores(model, panel, readout, layer=-1)[0]
    np.testing.assert_allclose(found, [changes[token] for token in ids], rtol=0, atol=1e-10)


def test_attention_is_the_mean_over_heads_and_layers_of_what_the_target_reads(model):
    panel = panel_of(model, silent=(7,))
    weights = model.attend(panel.genes, model.to_units(panel.genes, panel.mean))[0].mean((0, 1))
    wanted = weights.T[list(panel.sources)].numpy().copy()
    wanted[np.arange(3), list(panel.sources)] = np.nan
    np.testing.assert_allclose(rank_scores(model, panel, "attention"), wanted, **EXACT)


def test_embeddings_need_no_cells_and_give_their_cosine(model):
    panel = replace(panel_of(model), dataset_ref="", mean=np.zeros(9, dtype=np.float32))
    found = rank_scores(model, panel, "embedding")
    vectors = model.embed(panel.genes).numpy()
    wanted = [[cosine(vectors[s], vectors[t]) if s != t else np.nan for t in range(9)] for s in panel.sources]
    np.testing.assert_allclose(found, wanted, **EXACT)
    for readout in READOUTS[:-1]:
        with pytest.raises(RequestError, match="a gene list has no measured cell"):
            rank_scores(model, panel, readout)


@pytest.mark.parametrize("readout", READOUTS)
def test_the_order_of_genes_and_sources_decides_nothing(model, readout):
    panel = panel_of(model, silent=(7,))
    order = np.random.default_rng(1).permutation(9)
    turned = GenePanel(
        tuple(panel.genes[i] for i in order),
        tuple(panel.labels[i] for i in order),
        sources=tuple(int(np.flatnonzero(order == source)[0]) for source in panel.sources),
        mean=panel.mean[order],
        dataset_ref="mine",
    )
    wanted = rank_scores(model, panel, readout)[:, order]
    np.testing.assert_allclose(rank_scores(model, turned, readout), wanted, **EXACT)


@pytest.mark.parametrize("readout", ["delete", "move-to-front"])
def test_batches_change_nothing(model, readout):
    panel = replace(panel_of(model), sources=tuple(range(9)))
    wanted = rank_scores(model, panel, readout, batch=1)
    for batch in (2, 4, 9, 50, None):
        np.testing.assert_allclose(rank_scores(model, panel, readout, batch=batch), wanted, **EXACT)


def test_moving_the_first_gene_to_the_front_changes_nothing(model):
    panel = panel_of(model)
    levels = model.to_units(panel.genes, panel.mean)
    first = int(np.argmax(levels))
    found = np.delete(rank_scores(model, replace(panel, sources=(first,)), "move-to-front")[0], first)
    assert np.abs(found).max() < 1e-12
    assert np.delete(rank_scores(model, replace(panel, sources=(first,)), "delete")[0], first).min() > 1e-9


def test_the_network_leaves_as_it_came(model):
    model.network.train()
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    wanted = [rank_scores(model, panel_of(model), readout) for readout in READOUTS]
    assert model.network.training
    assert all(torch.equal(value, before[name]) for name, value in model.network.state_dict().items())
    model.network.eval()
    for readout, scores in zip(READOUTS, wanted, strict=True):
        np.testing.assert_array_equal(rank_scores(model, panel_of(model), readout), scores)


def test_progress_is_told_and_may_cancel(model):
    heard = []
    rank_scores(model, panel_of(model), "delete", batch=2, progress=lambda *step: heard.append(step))
    assert heard == [("extract", 0, 3), ("extract", 2, 3), ("extract", 3, 3)]
    for readout in ("attention", "contextual", "embedding"):
        heard.clear()
        rank_scores(model, panel_of(model), readout, progress=lambda *step: heard.append(step))
        assert heard == [("extract", 0, 1), ("extract", 1, 1)]

    def cancel(stage, done, total):
        if done:
            message = "enough"
            raise Cancelled(message)

    for readout in READOUTS:
        with pytest.raises(Cancelled):
            rank_scores(model, panel_of(model), readout, progress=cancel)


def test_memory_that_runs_out_is_told(model, monkeypatch):
    usual, notes = model.hidden, []

    def hidden(ids):
        if len(ids) > 1:
            message = "[enforce fail] can't allocate memory"
            raise RuntimeError(message)
        return usual(ids)

    wanted = rank_edges(model, panel_of(model), "delete")
    monkeypatch.setattr(model, "hidden", hidden)
    found = rank_edges(model, panel_of(model), "delete", note=notes.append)
    np.testing.assert_allclose(np.sort(found["score"]), np.sort(wanted["score"]), rtol=0, atol=1e-6)
    assert notes == ["The memory of the machine ran out with 3 virtual cells at once: went on with 1."]


def test_what_cannot_be_asked_is_an_error(model):
    panel = panel_of(model)
    with pytest.raises(RequestError, match=r"no readout 'mlm'.*delete, move-to-front"):
        rank_scores(model, panel, "mlm")
    with pytest.raises(RequestError, match="values are scaled"):
        rank_scores(model, replace(panel, mean=panel.mean - 1), "delete")
    with pytest.raises(RequestError, match="no TF of the panel is expressed"):
        rank_scores(model, panel_of(model, silent=(1, 4, 5)), "delete")
    with pytest.raises(GeneError, match="NOSUCHGENE"):
        rank_scores(model, replace(panel, genes=("NOSUCHGENE", *panel.genes[1:])), "embedding")
    many = panel_of(model, n_genes=model.record.max_genes + 1)
    with pytest.raises(RequestError, match=f"{model.record.max_genes + 1} expressed genes.*fewer variable genes"):
        rank_scores(model, many, "attention")
    longest = panel_of(model, n_genes=model.record.max_genes)
    assert np.isfinite(rank_scores(model, longest, "delete")).sum() == 3 * (model.record.max_genes - 1)


def test_edges_are_ranked_pairs_with_the_users_names(model):
    panel = panel_of(model, silent=(7,))
    edges = rank_edges(model, panel)
    scores = rank_scores(model, panel, "delete")
    assert list(edges) == [name for name in COLUMNS if name not in OPTIONAL]
    assert len(edges) == 3 * 7
    assert edges["score"].is_monotonic_decreasing
    assert edges["rank"].tolist() == list(range(1, 22))
    assert (edges["percentile"].iloc[0], edges["percentile"].iloc[-1]) == (100, 0)
    assert set(edges["sign"]) == {0}
    assert panel.labels[7] not in set(edges["target"])
    for edge in edges.itertuples():
        row = [panel.labels[source] for source in panel.sources].index(edge.source)
        assert edge.score == scores[row, panel.labels.index(edge.target)]


@pytest.fixture
def published_dictionaries(shared_data, tmp_path):
    """A model of random weights, in the published format, on the published dictionaries of the first version."""
    shutil.copytree(shared_data / "data" / "geneformer_meta", tmp_path / "geneformer")
    folder = tmp_path / "random"
    folder.mkdir()
    config = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
    config |= {"vocab_size": 25426, "max_position_embeddings": 2048, "hidden_act": "relu", "model_type": "bert"}
    (folder / "config.json").write_text(json.dumps(config))
    network = GeneformerNetwork(read_settings(folder)).masked_lm
    save_file({k: v for k, v in network.state_dict().items() if k not in SHARED}, folder / "model.safetensors")
    return folder


@pytest.mark.shared_data
@pytest.mark.parametrize("readout", READOUTS)
def test_measured_cells_reach_the_edges(published_dictionaries, readout):
    model = load_model(published_dictionaries, device="cpu")
    panel = datasets.load("pbmc68k").panel(n_variable=100, vocabulary=frozenset(model.vocabulary))
    edges = rank_edges(model, panel, readout)
    assert len(edges) == len(panel.sources) * (len(panel.genes) - 1)
    assert set(edges["source"]) == set(panel.source_names)
    assert edges["score"].nunique() > len(edges) / 3
    assert np.isfinite(edges["score"]).all()


def test_a_model_that_reads_values_is_no_rank_model():
    values = tiny_model()
    with pytest.raises(RequestError, match="reads values and not an order of genes"):
        rank_edges(values, panel_of(values))
