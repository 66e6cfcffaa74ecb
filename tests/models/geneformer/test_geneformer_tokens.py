"""Geneformer's input: exactly the published tokeniser's, whatever the order of the data."""

from __future__ import annotations

import pickle
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.errors import DataError, ModelError
from grn_core.genes import human_tfs_of
from grn_core.genes.tables import ensembl_to_symbol
from grn_core.models.geneformer.tokens import RankTokens, read_tokens
from tests.models.published import FIXTURES

VERSIONS = {"geneformer_v1": ("Geneformer-V1-10M", 152, 64), "geneformer_v2": ("Geneformer-V2-104M", 154, 96)}


def read(name, folder=None):
    model, n_tokens, length = VERSIONS[name]
    return read_tokens((folder or FIXTURES / name) / model, n_tokens=n_tokens, length=length)


def golden(name):
    with np.load(FIXTURES / name / "expected.npz") as arrays:
        return {key: arrays[key] for key in arrays.files}


@pytest.mark.parametrize("name", VERSIONS)
def test_cells_are_encoded_as_the_published_code_does(name):
    wanted, tokens = golden(name), read(name)
    found = tokens.encode(wanted["ensembl_all"], wanted["counts_all"])
    front, back = tokens.special
    assert (front, back) == (((), ()) if name == "geneformer_v1" else ((2,), (3,)))
    for number, ids in enumerate(found):
        genes = wanted[f"rank_tokens_{number}"][: tokens.most_genes]
        assert ids.tolist() == [*front, *genes, *back]
        assert len(ids) <= tokens.length
    full = {"geneformer_v1": [64, 64, 64, 42, 57], "geneformer_v2": [71, 62, 69, 44, 79]}
    assert [len(ids) for ids in found] == full[name]


def small(version="v2", length=6):
    """Six genes; GC and GF have the same median."""
    special = ["<pad>", "<mask>", *(["<cls>", "<eos>"] if version == "v2" else [])]
    genes = ["GA", "GB", "GC", "GD", "GE", "GF"]
    medians = dict(zip(genes, (1.0, 2.0, 4.0, 0.5, 10.0, 4.0), strict=True))
    renamed = {"OLD-A": "GA", "GA": "GA"} if version == "v2" else {}
    return RankTokens({name: i for i, name in enumerate((*special, *genes))}, medians, renamed, length)


def by_hand(tokens, names, counts):
    """Encode one cell of the model's own ids, slowly: insert gene after gene behind all that are as high or higher."""
    total, ranked = sum(counts), []
    for token, gene in sorted((token, gene) for gene, token in tokens.position.items() if gene in tokens.medians):
        count = sum(count for name, count in zip(names, counts, strict=True) if tokens.renamed.get(name, name) == gene)
        if count > 0:
            level = count / total * 10_000 / tokens.medians[gene]
            place = sum(other >= level for other, _ in ranked)
            ranked.insert(place, (level, token))
    front, back = tokens.special
    return [*front, *(token for _, token in ranked[: tokens.length - len(front) - len(back)]), *back]


@pytest.mark.parametrize("version", ["v1", "v2"])
@settings(deadline=None)
@given(counts=st.lists(st.integers(0, 6), min_size=8, max_size=8), length=st.integers(3, 9))
def test_an_independent_slow_encoder_agrees(version, counts, length):
    tokens = small(version, length)
    names = ["GA", "GB", "GC", "GD", "GE", "GF", "OLD-A", "unknown"]
    assert tokens.encode(names, [counts])[0].tolist() == by_hand(tokens, names, counts)


@settings(deadline=None)
@given(st.permutations(range(8)), st.lists(st.integers(0, 4), min_size=8, max_size=8))
def test_the_order_of_the_columns_decides_nothing(order, counts):
    tokens = small()
    names = np.array(["GA", "GB", "GC", "GD", "GE", "GF", "OLD-A", "unknown"])
    (wanted,), (found,) = tokens.encode(names, [counts]), tokens.encode(names[order], [np.array(counts)[order]])
    assert found.tolist() == wanted.tolist()


def test_equal_levels_stand_in_the_order_of_their_ids():
    tokens = small(length=8)
    (found,) = tokens.encode(["GF", "GC", "GB", "GD"], [[4, 4, 2, 1]])
    assert found.tolist() == [2, *(tokens.position[gene] for gene in ("GD", "GB", "GC", "GF")), 3]


def test_columns_of_one_gene_are_summed_and_unknown_ones_count_for_the_size():
    tokens = small(length=8)
    names, counts = ["GB", "GA", "OLD-A", "unknown"], np.array([[5, 1, 2, 92.0]])
    (found,) = tokens.encode(names, counts)
    assert found.tolist() == [2, tokens.position["GA"], tokens.position["GB"], 3]  # 300 / 1 above 500 / 2
    per_cell = tokens.levels(np.array([4, 5]), np.array([300.0, 500.0]))
    assert per_cell.tolist() == [300.0, 250.0]


def test_a_cell_without_counts_has_special_tokens_only():
    assert [cell.tolist() for cell in small().encode(["GA", "GB"], [[0, 0], [0, 1]])] == [[2, 3], [2, 5, 3]]
    assert small("v1").encode(["GA"], [[0]])[0].tolist() == []


@pytest.mark.parametrize("counts", [[[1.0]], [1.0, 2.0], [[1.0, -1.0]], [[1.0, np.nan]]])
def test_what_are_no_counts_is_refused(counts):
    with pytest.raises(DataError, match="raw counts"):
        small().encode(["GA", "GB"], counts)


def test_symbols_aliases_and_mouse_names_find_their_tokens():
    tokens = read("geneformer_v2")
    ids = [name for name in tokens.position if name in ensembl_to_symbol("human")][:5]
    symbols = [ensembl_to_symbol("human")[gene] for gene in ids]
    wanted = tokens.encode(ids, [[5, 1, 2, 3, 4]])[0].tolist()
    assert len(wanted) == 7
    assert tokens.encode(symbols, [[5, 1, 2, 3, 4]])[0].tolist() == wanted
    assert tokens.encode([f"{gene}.3" for gene in ids], [[5, 1, 2, 3, 4]])[0].tolist() == wanted
    without_table = RankTokens(tokens.position, tokens.medians, {}, tokens.length)
    assert without_table.encode(symbols, [[5, 1, 2, 3, 4]])[0].tolist() == wanted
    mouse = ["Etv1", "Casp10", "Dnase1l1", "Gata1"]
    assert tokens.encode(mouse, [[1, 1, 1, 1]])[0].tolist().count(tokens.of_symbol["ETV1"]) == 1


def test_symbols_are_those_of_our_tables():
    tokens = read("geneformer_v1")
    table = ensembl_to_symbol("human")
    assert tokens.of_symbol == {table[gene]: tokens.position[gene] for gene in tokens.medians if gene in table}
    assert list(tokens.of_symbol.values()) == sorted(tokens.of_symbol.values())
    twice = {gene: number for number, gene in enumerate(sorted(g for g, s in table.items() if s == "AKAP17A"))}
    assert len(twice) == 2
    tokens = RankTokens(twice, dict.fromkeys(twice, 1.0), {}, 8)
    assert tokens.of_symbol == {"AKAP17A": 0}


@pytest.mark.shared_data
def test_the_published_dictionaries_are_read(shared_data):
    folder = shared_data / "data" / "geneformer_meta"
    tokens = read_tokens(folder, n_tokens=25426, length=2048)
    assert tokens.special == ((), ())
    assert tokens.most_genes == 2048
    assert (tokens.position["<pad>"], tokens.position["<mask>"], len(tokens.medians)) == (0, 1, 25424)
    assert 0.09 < np.nanmin(tokens.median_of) < 0.1
    assert len(tokens.of_symbol) > 21_000
    assert len(human_tfs_of("scenic") & tokens.of_symbol.keys()) > 1800


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FIXTURES / "geneformer_v2", tmp_path / "mine")


def replace(path, **changes):
    content = {**pickle.loads(path.read_bytes()), **changes}  # noqa: S301
    path.write_bytes(pickle.dumps(content))


def test_of_several_dictionaries_the_one_that_fits_the_network_is_taken(folder):
    shutil.copytree(FIXTURES / "geneformer_v1" / "geneformer", folder / "geneformer", dirs_exist_ok=True)
    assert any(read("geneformer_v2", folder).special)
    tokens = read_tokens(folder / "Geneformer-V2-104M", n_tokens=152, length=64)
    assert tokens.special == ((), ())


@pytest.mark.parametrize("place", ["Geneformer-V2-104M", "Geneformer-V2-104M/geneformer"])
def test_the_dictionaries_may_lie_with_the_model(folder, place):
    wanted = read("geneformer_v2", folder)
    (folder / place).mkdir(exist_ok=True)
    for path in (folder / "geneformer").iterdir():
        path.rename(folder / place / path.name)
    assert read("geneformer_v2", folder) == wanted


def test_dictionaries_that_do_not_fit_are_named(folder):
    inside = folder / "geneformer"
    with pytest.raises(ModelError, match=r"for the 25,426 tokens.*token_dictionary_gc104M\.pkl with 154 tokens"):
        read_tokens(folder / "Geneformer-V2-104M", n_tokens=25426, length=64)
    medians = inside / "gene_median_dictionary_gc104M.pkl"
    replace(medians, ENSG00000006468=0.0)
    with pytest.raises(ModelError, match="medians that are not above 0"):
        read("geneformer_v2", folder)
    replace(medians, ENSG00000006468="high")
    with pytest.raises(ModelError, match="no dictionary of names and float values"):
        read("geneformer_v2", folder)
    medians.unlink()
    with pytest.raises(ModelError, match="gene_median_dictionary_gc104M"):
        read("geneformer_v2", folder)
    for path in inside.iterdir():
        path.unlink()
    with pytest.raises(ModelError, match=r"there is no token_dictionary\*\.pkl"):
        read("geneformer_v2", folder)


class Hostile:
    def __reduce__(self):
        import os

        return os.mkdir, ("hostile-was-here",)


@pytest.mark.parametrize("name", ["token_dictionary", "gene_median_dictionary", "ensembl_mapping_dict"])
def test_no_code_in_a_dictionary_is_run(folder, monkeypatch, name):
    monkeypatch.chdir(folder)
    (folder / "geneformer" / f"{name}_gc104M.pkl").write_bytes(pickle.dumps({"ENSG00000006468": Hostile()}))
    with pytest.raises(ModelError, match="could be code"):
        read("geneformer_v2", folder)
    assert not (folder / "hostile-was-here").exists()
