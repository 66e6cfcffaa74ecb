"""What results call genes: one name each, whatever the file has, and what a model does not know is told by it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.datasets import genes_only, read
from grn_core.datasets.labels import unlike
from grn_core.errors import GeneError
from grn_core.genes import match_genes
from grn_core.genes.tables import ensembl_to_symbol, human_symbols
from tests.datasets.helpers import HUMAN, MOUSE, cells, saved

pytestmark = pytest.mark.usefixtures("in_this_process")

ID_OF = {symbol: gene_id for gene_id, symbol in ensembl_to_symbol("human").items()}
MOUSE_ID_OF = {symbol: gene_id for gene_id, symbol in ensembl_to_symbol("mouse").items()}


def with_var(folder, names, **columns):
    data = cells(genes=HUMAN)
    data.var = pd.DataFrame({name: list(values) for name, values in columns.items()}, index=list(names))
    return read(saved(data, folder))


def test_a_file_of_ids_shows_the_symbols_of_the_file(tmp_path):
    own = ("PU1", *HUMAN[1:])
    ids = tuple(f"{ID_OF[gene]}.7" for gene in HUMAN)
    panel = with_var(tmp_path, ids, feature_name=own).panel()
    assert dict(zip(panel.genes, panel.labels, strict=True))["SPI1"] == "PU1"
    assert panel.ids == tuple(f"{ID_OF[gene]}.7" for gene in panel.genes)
    assert "PU1" in panel.source_names


def test_a_file_of_ids_alone_shows_the_symbols_of_our_table(tmp_path):
    panel = with_var(tmp_path, [ID_OF[gene] for gene in HUMAN]).panel()
    assert panel.labels == panel.genes
    assert panel.ids == tuple(map(ID_OF.get, panel.genes))


def test_a_mouse_file_of_ids_shows_mouse_symbols(tmp_path):
    data = cells(genes=MOUSE)
    data.var.index = [MOUSE_ID_OF[gene] for gene in MOUSE]
    panel = read(saved(data, tmp_path)).panel()
    assert set(panel.labels) == set(MOUSE)
    assert panel.genes[panel.labels.index("Spi1")] == "SPI1"


def test_the_users_symbols_stay_where_ids_match_more(tmp_path):
    names = ("RenamedByUs1", "H2AFY", *HUMAN[2:])
    ids = (ID_OF["SPI1"], ID_OF["MACROH2A1"], *map(ID_OF.get, HUMAN[2:]))
    panel = with_var(tmp_path, names, gene_ids=ids).panel(genes=names, tfs=["SPI1", "JUN"])
    label = dict(zip(panel.genes, panel.labels, strict=True))
    assert (label["SPI1"], label["MACROH2A1"]) == ("RenamedByUs1", "H2AFY")
    assert dict(zip(panel.labels, panel.ids, strict=True))["H2AFY"] == ID_OF["MACROH2A1"]


def test_ids_beside_symbols_are_kept_and_change_no_name(tmp_path):
    panel = with_var(tmp_path, HUMAN, gene_ids=[ID_OF[gene] for gene in HUMAN]).panel()
    assert panel.labels == panel.genes
    assert panel.ids == tuple(map(ID_OF.get, panel.genes))
    assert panel.digest() != with_var(tmp_path, HUMAN).panel().digest()


def test_own_lists_match_by_symbol_and_by_id_whatever_the_file_has(tmp_path):
    by_id = with_var(tmp_path, [ID_OF[gene] for gene in HUMAN])
    by_symbol = with_var(tmp_path, HUMAN)
    for data in (by_id, by_symbol):
        for genes in (["SPI1", "CD14", "LYZ"], [ID_OF[gene] for gene in ("SPI1", "CD14", "LYZ")]):
            for tfs in (["JUN"], [ID_OF["JUN"] + ".3"]):
                panel = data.panel(genes=genes, tfs=tfs)
                assert panel.labels == ("CD14", "JUN", "LYZ", "SPI1")
                assert panel.source_names == ("JUN",)


def test_a_gene_list_of_ids_is_shown_as_symbols():
    panel = genes_only([ID_OF[gene] for gene in ("SPI1", "CD14")])
    assert (panel.labels, panel.ids) == (("CD14", "SPI1"), (ID_OF["CD14"], ID_OF["SPI1"]))


def test_two_genes_of_one_symbol_in_the_file_keep_apart(tmp_path):
    own = ("GATA1", "GATA1", *HUMAN[2:])
    panel = with_var(tmp_path, [ID_OF[gene] for gene in HUMAN], feature_name=own).panel()
    label = dict(zip(panel.genes, panel.labels, strict=True))
    assert (label["GATA1"], label["SPI1"]) == ("GATA1", "GATA1 (SPI1)")


@settings(max_examples=200)
@given(rows=st.dictionaries(st.sampled_from("ABCDEF"), st.sampled_from(["A", "B", "x", "A (B)", "x (C)"]), min_size=1))
def test_labels_of_a_panel_are_never_alike(rows):
    labels = unlike(rows, rows.values())
    assert len(set(labels)) == len(rows)
    alone = [label for label in rows.values() if list(rows.values()).count(label) == 1]
    assert len(alone) < len(rows) or labels == tuple(rows.values())


def test_a_panel_is_restricted_to_what_a_model_knows():
    panel = genes_only(HUMAN, tfs=["SPI1", "JUN", "ARNTL"])
    known = panel.known_to({"SPI1", "CD14", "LYZ"}, model="Toy")
    assert (known.genes, known.source_names) == (("CD14", "LYZ", "SPI1"), ("SPI1",))
    assert any("Toy does not know 11 of the 14 genes, e.g. ARNTL, CD3D, CEBPA" in note for note in known.notes)
    assert "2 TFs that were named are no sources: JUN (not in the model's vocabulary), ARNTL" in known.notes[-1]
    assert [(one.name, one.reason) for one in known.lost_tfs] == [("JUN", "model"), ("ARNTL", "model")]
    assert panel.known_to(human_symbols()) is panel
    assert known.known_to({"SPI1", "CD14", "LYZ"}, model="Toy") is known


@pytest.mark.parametrize("vocabulary", [{"ABC"}, {"SPI1"}, {"CD14", "LYZ"}])
def test_a_panel_of_which_nothing_can_be_asked_is_refused(vocabulary):
    with pytest.raises(GeneError):
        genes_only(HUMAN).known_to(vocabulary, model="Toy")


def test_every_named_tf_is_a_source_or_listed_with_its_reason(tmp_path):
    data = cells(genes=MOUSE)
    data.X[2:, MOUSE.index("Jun")] = 0
    named = ["Spi1", "Jun", "Nanog", "H2-K1", "nonsense", "Gfi1"]
    panel = read(saved(data, tmp_path)).panel(tfs=named, vocabulary={"SPI1", "JUN", "CD14", "NANOG"}, model="Toy")
    assert panel.source_names == ("Jun", "Spi1")
    assert {one.name: one.reason for one in panel.lost_tfs} == {
        "Nanog": "data",
        "H2-K1": "ortholog",
        "nonsense": "unknown",
        "Gfi1": "model",
    }
    assert any("too few cells" in note and "Jun" in note for note in panel.notes)
    assert not any("too few cells" in note and "Spi1" in note for note in panel.notes)


def test_a_tf_of_the_list_that_few_cells_show_is_listed_with_its_reason(tmp_path):
    """Every TF of the list that the data and the model have is a source, or is lost with its reason."""
    data = cells(genes=MOUSE)
    data.X[2:, MOUSE.index("Jun")] = 0
    dataset = read(saved(data, tmp_path))
    panel = dataset.panel(vocabulary={"SPI1", "JUN", "CD14", "NANOG"}, model="Toy")
    assert panel.source_names == ("Spi1",)
    assert [(one.name, one.reason) for one in panel.lost_tfs] == [("Jun", "few")]
    assert "1 TF of the list is no source, because fewer than 3, or than 1%, of the chosen cells show them: Jun." in (
        panel.notes
    )
    assert dataset.panel(genes=["Jun", "Spi1"]).lost_tfs == (), "listed genes are asked, however few cells show them"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_restricted_panel_keeps_each_genes_facts(seed):
    rng = np.random.default_rng(seed)
    panel = genes_only([ID_OF[gene] for gene in HUMAN], tfs=HUMAN)
    vocabulary = set(rng.choice(HUMAN, size=rng.integers(2, len(HUMAN)), replace=False))
    known = panel.known_to(vocabulary)
    assert set(known.genes) == vocabulary
    rows = dict(zip(panel.genes, zip(panel.labels, panel.ids, panel.mean, strict=True), strict=True))
    assert [rows[gene] for gene in known.genes] == list(zip(known.labels, known.ids, known.mean, strict=True))


def test_a_named_tf_that_means_several_genes_lists_them(tmp_path):
    panel = with_var(tmp_path, HUMAN).panel(tfs=["p65", "PU.1", "c-Jun"])
    assert panel.source_names == ("JUN", "SPI1")
    (lost,) = panel.lost_tfs
    assert (lost.name, lost.reason, lost.meanings) == ("p65", "ambiguous", ("GORASP1", "RELA", "SYT1"))
    assert any("p65 (several genes have this name: GORASP1, RELA, SYT1)" in note for note in panel.notes)


NAMED = st.lists(
    st.sampled_from(["SPI1", "spi1", "PU.1", "Jun", "p65", "NANOG", "nonsense", ID_OF["GATA1"], "LYZ", "", "RPS10"]),
    min_size=1,
)


@pytest.fixture(scope="module")
def of_humans(tmp_path_factory):
    return with_var(tmp_path_factory.mktemp("cells"), HUMAN)


@given(named=NAMED, vocabulary=st.sets(st.sampled_from(HUMAN), min_size=3))
def test_no_named_tf_is_lost_without_a_word(of_humans, named, vocabulary):
    data, wanted = of_humans, {"SPI1", "JUN", "GATA1", "LYZ"}
    try:
        panel = data.panel(tfs=named, vocabulary=vocabulary)
    except GeneError:
        return
    for name in dict.fromkeys(named):
        (symbol,) = match_genes([name], species="human", common=True).symbols
        is_source = symbol in {panel.genes[i] for i in panel.sources}
        assert is_source == (symbol in wanted & vocabulary)
        lost_names = {lost.name.casefold() for lost in panel.lost_tfs}  # one name, however its letters are written
        assert is_source != (name.casefold() in lost_names)
        assert all(lost.name in note for lost in panel.lost_tfs for note in panel.notes if "are no sources" in note)


def test_ribosomal_proteins_and_enzymes_are_targets_not_tfs(tmp_path):
    genes = ("RPS10", "RPS4X", "CAT", "PKM", *HUMAN[:9])
    data = cells(genes=genes)
    panel = read(saved(data, tmp_path)).panel()
    assert {"RPS10", "CAT", "PKM"} <= set(panel.genes)
    assert not {"RPS10", "CAT", "PKM"} & set(panel.source_names)
    assert {"RPS10", "CAT", "PKM"} <= set(read(saved(data, tmp_path)).panel(tfs="scenic").source_names)
    assert "RPS10" in read(saved(data, tmp_path)).panel(tfs=["RPS10"]).source_names


def test_raw_counts_take_the_names_that_stand_beside_x(tmp_path):
    data = cells(genes=[ID_OF[gene] for gene in HUMAN])
    data.raw = data.copy()
    data.X = np.log1p(data.X) + 0.01
    data.var["feature_name"] = ["PU1", *HUMAN[1:]]
    found = read(saved(data, tmp_path))
    assert any("raw was used" in note for note in found.notes)
    assert "PU1" in found.panel().source_names


def test_what_recognised_the_genes_is_said(tmp_path):
    names = ("RenamedByUs1", *HUMAN[1:])
    found = with_var(tmp_path, names, gene_ids=[ID_OF[gene] for gene in HUMAN])
    assert any("Genes were recognised by var['gene_ids']" in note for note in found.notes)
    assert found.labels == names
