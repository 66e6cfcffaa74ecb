"""Tables of what changed when TFs were perturbed: what is read of them, and what a model is asked."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.perturbed.names import named, titles_of
from grn_core.benchmark.perturbed.tables import _load as load
from grn_core.benchmark.perturbed.tables import changes_of, known_changes, read_into, read_table
from grn_core.benchmark.perturbed.uploads import store_table, stored_tables, table_option
from grn_core.errors import DataError, RequestError
from tests.benchmark.toy_references import GENES

KNOWN = frozenset({"SPI1", "GATA1", "KLF1", "CEBPA"})
COLUMNS = ["tf", "target", "perturbation_class", "regulation"]


def table_of(tmp_path, rows, *, columns=COLUMNS, name="table.tsv", **more) -> pd.DataFrame:
    path = tmp_path / name
    frame = pd.DataFrame(rows, columns=columns).assign(**more)
    frame.to_csv(path, sep="," if ".csv" in name else "\t", index=False)
    read_into(path, tmp_path, {})
    return load(tmp_path)


def test_a_gene_that_changed_is_there_once_and_has_a_sign_where_all_agree(tmp_path):
    rows = [
        ("SPI1", "KLF1", "GOF", -1),
        ("SPI1", "KLF1", "LOF", -1),
        ("SPI1", "CEBPA", "LOF", 1),
        ("SPI1", "CEBPA", "LOF", -1),
        ("SPI1", "SPI1", "LOF", 1),
        ("GATA1", "nothing", "LOF", 1),
    ]
    found = known_changes(table_of(tmp_path, rows), KNOWN)
    assert found.values.tolist() == [["SPI1", "CEBPA", 0.0, 0], ["SPI1", "KLF1", 0.5, -1]]


@pytest.mark.parametrize(("column", "kept"), [("measured", "measured"), ("own_tf", "as expected")])
def test_what_was_inferred_is_left_out(tmp_path, column, kept):
    rows = [("SPI1", "KLF1", "GOF", 1), ("SPI1", "GATA1", "GOF", 1)]
    assert table_of(tmp_path, rows, **{column: [kept, "other"]})["target"].tolist() == ["KLF1"]


DE = [
    ("SPI1", "KLF1", 2.0, "1e-9", 0.001),
    ("SPI1", "CEBPA", -0.5, "0.2", 0.9),
    ("SPI1", "GATA1", -1.5, "0.01", 0.04),
    ("GATA1", "KLF1", 9.0, "0.01", "NA"),
]
DE_COLUMNS = ["tf", "gene", "log2FoldChange", "pvalue", "padj"]


def test_of_a_table_of_differential_expression_those_below_the_threshold_changed(tmp_path):
    found = table_of(tmp_path, DE, columns=DE_COLUMNS)
    assert found.values.tolist() == [["SPI1", "KLF1", 0, -1], ["SPI1", "GATA1", 0, 1]], "lost: what fell was activated"
    assert "2 of 4 rows are changes: adjusted p below 0.05 in the column 'padj'" in found.attrs["notes"][0]
    gained = table_of(tmp_path, DE, columns=DE_COLUMNS, perturbation_class="GOF")
    assert gained["sign"].tolist() == [1, -1]
    ratios = [(*row[:2], 2.0 ** row[2], *row[3:]) for row in DE]
    of_ratios = table_of(tmp_path, ratios, columns=["tf", "gene", "fold_change", "pvalue", "padj"])
    assert of_ratios.values.tolist() == found.values.tolist()
    raw = table_of(tmp_path, [row[:4] for row in DE], columns=DE_COLUMNS[:4])
    assert raw["target"].tolist() == ["KLF1", "GATA1", "KLF1"]


def test_what_is_missing_or_infinite_in_a_table_of_differential_expression_is_said(tmp_path):
    rows = [("SPI1", "KLF1", "inf", "0.01"), ("SPI1", "GATA1", "NA", "0.01"), ("SPI1", "TAL1", "-1e308", "0.01")]
    found = table_of(tmp_path, [*rows, ("SPI1", "MYB", "1", "NA")], columns=["tf", "gene", "log2FoldChange", "padj"])
    assert found[["target", "sign"]].values.tolist() == [["KLF1", -1], ["GATA1", 0], ["TAL1", 1]]
    assert [
        note.removeprefix("table.tsv: ") for note in found.attrs["notes"] if ": 1 change" in note or "p is" in note
    ] == [
        "1 row without a p is no change.",
        "no sign: 1 change, whose size is not stated.",
        "the sign alone: 1 change of infinite size.",
    ]


def test_without_p_every_row_counts_and_that_is_said(tmp_path):
    found = table_of(tmp_path, [row[:3] for row in DE], columns=DE_COLUMNS[:3])
    assert found["sign"].tolist() == [-1, 1, 1, -1]
    assert "every row counts as a change" in found.attrs["notes"][-1]
    listed = table_of(tmp_path, [row[:2] for row in DE], columns=DE_COLUMNS[:2], regulation=1, padj=0.9)
    assert len(listed) == 4, "what says the regulation lists changes"
    assert ["adjusted p in the column 'padj' is not read" in note for note in listed.attrs["notes"]] == [True]


@pytest.mark.parametrize(("padj", "said"), [("0.5", "no row of table.tsv has its adjusted p"), ("3", "holds 3")])
def test_a_table_in_which_nothing_changed_is_refused(tmp_path, padj, said):
    with pytest.raises(DataError, match=said):
        table_of(tmp_path, [(*row[:4], padj) for row in DE], columns=DE_COLUMNS)


@pytest.mark.parametrize("name", ["table.tsv", "table.csv", "table.tsv.gz", "table.csv.gz"])
@pytest.mark.parametrize("columns", [["tf", "target"], ["Regulator", "Gene"], ["source", "target"]])
def test_two_columns_are_enough(tmp_path, name, columns):
    found = table_of(tmp_path, [("SPI1", "KLF1"), ("GATA1", "NA")], columns=columns, name=name)
    assert found.values.tolist() == [["SPI1", "KLF1", 0, 0], ["GATA1", "NA", 0, 0]]


def test_mouse_genes_go_by_their_orthologs():
    """Trp53 is no human symbol; in capitals it would be lost, and whatever else is called otherwise."""
    rows = [("Trp53", "Cdkn1a", 0, 1), ("Trp53", "H2-K1", 0, 1), ("Spi1", "Trp53", 0, -1)]
    found = known_changes(pd.DataFrame(rows, columns=["tf", "target", "gain", "sign"]), {"TP53", "CDKN1A", "SPI1"})
    assert found.values.tolist() == [["SPI1", "TP53", 0.0, -1], ["TP53", "CDKN1A", 0.0, 1]]
    assert found.attrs["names"].startswith("Mouse genes were mapped to human through 1:1 orthologs: 3 of 4 matched")


@pytest.mark.parametrize(
    "columns", [["tf", "target", "TF"], ["tf", "target", "target"], ["tf", "target", "Sign ", "sign"]]
)
def test_of_two_columns_of_one_name_none_is_taken(tmp_path, columns):
    with pytest.raises(DataError, match="2 columns for one thing"):
        table_of(tmp_path, [("SPI1", "KLF1", 1, 1)[: len(columns)]], columns=columns)


def test_what_is_no_table_of_changes_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no column target"):
        table_of(tmp_path, [("SPI1", 1)], columns=["tf", "score"])
    (tmp_path / "torn.tsv.gz").write_bytes(b"\x1f\x8b\x08\x00torn")
    with pytest.raises(DataError, match="cannot be read as table"):
        read_into(tmp_path / "torn.tsv.gz", tmp_path, {})
    with pytest.raises(DataError, match="there is no file"):
        read_table(tmp_path / "nowhere.tsv")


@pytest.mark.parametrize(
    ("column", "word", "kept"),
    [
        ("perturbation_class", "overexpression", None),
        ("regulation", "up", None),
        ("perturbation_class", "gof", (1, 1)),
        ("perturbation_class", "", (0, 1)),
        ("regulation", "-0.7", (1, -1)),
        ("regulation", "NA", (1, 0)),
    ],
)
def test_a_word_that_is_not_known_is_refused_and_never_taken_for_another(tmp_path, column, word, kept):
    row = {"tf": "SPI1", "target": "KLF1", "perturbation_class": "GOF", "regulation": 1, column: word}
    if kept is None:
        with pytest.raises(DataError, match=f"the column {column} of table.tsv says '{word}'"):
            table_of(tmp_path, [tuple(row.values())])
        return
    assert table_of(tmp_path, [tuple(row.values())])[["gain", "sign"]].values.tolist() == [list(kept)]


def test_a_tf_with_few_changes_is_not_asked_and_genes_stand_in_order():
    targets = [gene for gene in GENES if gene not in {"SPI1", "RUNX1"}][:14]
    rows = [("SPI1", gene, 1, 1) for gene in targets[:11]] + [("RUNX1", gene, 0, -1) for gene in targets[1:]]
    rows += [("GATA1", "KLF1", 0, 1)]
    table = pd.DataFrame(rows, columns=["tf", "target", "gain", "sign"])
    known = frozenset({*GENES, "RUNX1"})
    found = changes_of(table, known, title="mine")
    assert found.genes == tuple(sorted([*targets, "SPI1", "RUNX1"]))
    assert [found.genes[tf] for tf in found.tfs] == ["RUNX1", "SPI1"]
    assert found.gain.tolist() == [False, True]
    assert (found.label.sum(), found.sign.sum()) == (24, -2)
    assert found.asked.sum(axis=1).tolist() == [11, 13], "genes that changed with the other TF"
    asked, names = found.notes
    assert asked == "mine: 2 of 3 TFs are asked: 10 genes or more changed, some of them with others too."
    assert names == "mine: Human symbols, used as they are: 17 of 17 matched, 0 not known."
    with pytest.raises(DataError, match="of mine no TF has genes that changed with it and genes that did not"):
        changes_of(table[table["tf"] == "SPI1"], known, title="mine")
    again = changes_of(table.sample(frac=1, random_state=0), known, title="mine")
    assert np.array_equal(again.label, found.label)
    with pytest.raises(DataError, match="no TF of mine has 10 genes"):
        changes_of(table[table["tf"] == "GATA1"], known, title="mine")


def test_tables_are_called_by_title_or_file():
    assert [str(part) for part in named("LINCS, all = a b.tsv")] == ["LINCS, all", "a b.tsv"]
    assert [str(part) for part in named("/a/own.tsv.gz")] == ["own", "/a/own.tsv.gz"]
    assert titles_of(["b=x.tsv", "a=x.tsv"]) == ("b", "a")
    for tables, said in (((), "no table"), (("a=x.tsv", "/somewhere/a.tsv"), "two tables are called 'a'")):
        with pytest.raises(RequestError, match=said):
            titles_of(tables)


def test_a_path_with_an_equals_sign_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [str(part) for part in named("runs/seed=3/own.tsv")] == ["own", "runs/seed=3/own.tsv"]
    assert [str(part) for part in named("LINCS=runs/seed=3/own.tsv")] == ["LINCS", "runs/seed=3/own.tsv"]
    assert named("a=b.tsv") == ("a", Path("b.tsv"))
    (tmp_path / "a=b.tsv").write_text("tf\ttarget\n")
    title, path = named("a=b.tsv")
    assert (title, path) == ("a-b", Path("a=b.tsv"))
    assert named(f"{title}={path.absolute()}") == (title, path.absolute()), "what is kept with a run is read back"


def test_what_cannot_be_read_is_not_kept_whatever_went_wrong(monkeypatch):
    def fails(path):
        raise MemoryError

    monkeypatch.setattr("grn_core.benchmark.perturbed.uploads.read_table", fails)
    with pytest.raises(MemoryError):
        store_table("mine.tsv", io.BytesIO(b"tf\ttarget\nSPI1\tKLF1\n"))
    assert stored_tables() == {}


def test_a_table_is_kept_once_and_read_apart():
    content = b"tf\ttarget\nSPI1\tKLF1\n"
    name = store_table("my table.tsv", io.BytesIO(content))
    assert store_table("my table.tsv", io.BytesIO(content)) == name
    assert stored_tables() == {name: "my-table.tsv"}
    title, path = named(table_option(name))
    assert title == "my-table"
    assert read_table(path).values.tolist() == [["SPI1", "KLF1", 0, 0]]
    with pytest.raises(DataError, match=r"notes\.tsv has no column tf"):
        store_table("notes.tsv", io.BytesIO(b"a\tb\n1\t2\n"))
    assert stored_tables() == {name: "my-table.tsv"}
    other = store_table("my table.tsv", io.BytesIO(content + b"SPI1\tCEBPA\n"))
    assert len(set(titles_of([table_option(name), table_option(other)]))) == 2, "alike by name, apart by content"
    assert titles_of([table_option(store_table("my.table.tsv", io.BytesIO(content)))]) == ("my.table",)
