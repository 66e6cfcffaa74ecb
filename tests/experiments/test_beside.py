"""A prediction beside a measurement: tables of every tool, laws of the agreement, and the figures that are told."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core.assets import asset
from grn_core.benchmark.perturbed.names import OFTEN, RESPONSE
from grn_core.benchmark.results.tables import released, shipped
from grn_core.errors import DataError
from grn_core.experiments import limits, tables
from grn_core.experiments.beside import beside_measured
from grn_core.experiments.bundled import bundled, bundled_of, told_of
from grn_core.experiments.matching import check_fit, left_out, named
from grn_core.experiments.propagation import measured_propagation
from grn_core.experiments.tables import read_measured
from grn_core.genes import human_symbols
from grn_core.models.registry import weights_sha

GENES = sorted(human_symbols())[2000:2060]
TF, OTHER = "SPI1", "GATA1"


def predicted(change) -> pd.DataFrame:
    return pd.DataFrame({"gene": GENES, "symbol": GENES, "change": change, "uncertainty": 0.1})


def measured(change, *, tf="", p=np.nan) -> pd.DataFrame:
    return pd.DataFrame({"gene": GENES, "tf": tf, "change": change, "p": p})


@pytest.fixture
def change() -> np.ndarray:
    return np.random.default_rng(1).normal(size=len(GENES))


def test_the_truth_agrees_with_itself_and_its_opposite_does_not(change):
    same, table = beside_measured(predicted(change), measured(change), tfs=[TF])
    assert same.spearman == pytest.approx(1)
    assert (same.auprc, same.sign, same.n_genes) == (pytest.approx(1), 1, len(GENES))
    assert same.n_responders == 10, "of few genes no fewer than are needed elsewhere"
    assert table["change"].abs().is_monotonic_decreasing
    turned, _ = beside_measured(predicted(-change), measured(change), tfs=[TF])
    assert (turned.spearman, turned.sign) == (pytest.approx(-1), 0)
    assert turned.auprc == pytest.approx(1), "how much a gene moves does not depend on where to"
    assert "better than" in same.words()[0]
    assert "worse than" in turned.words()[0]


def test_neither_the_order_of_genes_nor_a_growing_scale_decides(change):
    said = change + np.random.default_rng(2).normal(size=len(GENES))
    first, _ = beside_measured(predicted(said), measured(change), tfs=[TF])
    order = np.random.default_rng(3).permutation(len(GENES))
    again, _ = beside_measured(
        predicted(3 * said).iloc[order].reset_index(drop=True), measured(change).iloc[::-1], tfs=[TF]
    )
    assert again == first


def test_chance_lies_around_nothing_and_what_fits_any_tf_is_no_better_than_other_tfs(change):
    others = pd.DataFrame(dict.fromkeys(("KLF4", "MYB"), change), index=GENES)
    found, _ = beside_measured(predicted(change), measured(change), tfs=[TF], others=others)
    low, high = found.spearman_shuffled
    assert low < 0 < high
    assert found.n_others == 2
    assert found.spearman_others == pytest.approx((1, 1))
    assert "no better than" in found.words()[0]


@pytest.mark.parametrize("others", [(-0.9, -0.2), (0.1, 0.9)])
def test_better_and_worse_are_said_against_both_controls(change, others):
    """Beyond shuffled genes alone it may still be what the model answers for any other TF."""
    found, _ = beside_measured(predicted(change), measured(change), tfs=[TF])
    inside = replace(found, spearman=0.5 * sum(others), n_others=2, spearman_others=others)
    assert "no better than the controls" in inside.words()[0]
    assert "better than the controls" in replace(inside, spearman=0.95).words()[0]
    assert "worse than the controls" in replace(inside, spearman=-0.95).words()[0]


def test_genes_that_respond_to_other_tfs_are_a_control(change):
    low = np.where(np.arange(len(GENES)) < 12, 0.01, 0.8)
    table = pd.concat([measured(change, tf=TF, p=low), measured(change, tf=OTHER, p=low)])
    found, _ = beside_measured(predicted(change), table, tfs=[TF])
    assert (found.n_responders, found.rule) == (12, "p below 0.05")
    assert found.auprc_often == pytest.approx(1)
    assert beside_measured(predicted(change), measured(change, p=low), tfs=[TF])[0].auprc_often is None


def test_a_gene_without_a_row_of_the_tf_has_not_responded(change):
    few = measured(change, tf=TF).iloc[:25]
    found, table = beside_measured(predicted(change), pd.concat([few, measured(change, tf=OTHER)]), tfs=[TF])
    assert (found.n_genes, found.n_measured, found.n_responders) == (len(GENES), 25, 25)
    assert table["measured"].notna().sum() == 25


@pytest.mark.parametrize("name", ["XYZNONE", "NonTargeting", "GFP"])
def test_a_control_that_is_no_gene_is_another_tf(change, name):
    own, control = measured(change, tf=TF), measured(-9.0, tf=name)
    alone = beside_measured(predicted(change), own, tfs=[TF])[1]
    found = beside_measured(predicted(change), pd.concat([own, control, measured(5.0)]), tfs=[TF])[1]
    pd.testing.assert_series_equal(found["measured"], alone["measured"])
    with pytest.raises(DataError, match=f"of {name}, not of SPI1"):
        beside_measured(predicted(change), control, tfs=[TF])


def test_what_the_p_values_are_called_and_where_they_stood_is_told(change):
    table = measured(change, p=np.where(np.arange(len(GENES)) < 12, 0.01, 0.8))
    table.attrs = {"p": "raw p", "columns": ["Columns read: p from 'pvalue'."]}
    found, _ = beside_measured(predicted(change), table, tfs=[TF])
    assert found.rule == "raw p below 0.05"
    assert found.words()[-1] == "Columns read: p from 'pvalue'."


def test_genes_that_are_not_compared_are_counted_by_their_reason(change):
    """However the names are mixed: what is compared and what is left out is the whole table, each gene once."""
    own = measured(change)
    for n_unknown, n_unasked, n_twice in ((0, 0, 0), (1, 0, 2), (3, 4, 0), (7, 1, 1)):
        unknown, unasked = [f"NOTAGENE{one}" for one in range(n_unknown)], sorted(human_symbols())[:n_unasked]
        extra = pd.DataFrame({"gene": [*unknown, *unasked, *GENES[:n_twice]], "tf": "", "change": 1.0, "p": np.nan})
        found, _ = beside_measured(predicted(change), pd.concat([own, extra]), tfs=[TF])
        words = " ".join(found.words())
        assert found.n_genes == len(GENES)
        total = len(GENES) + n_unknown + n_unasked
        left = f"Left out: {n_unknown + n_unasked} of {total} names"
        assert (left in words) == (n_unknown + n_unasked > 0)
        assert all((name in words) == (place < 5) for place, name in enumerate(unknown))
        assert (f"{n_unasked} not among the genes that the model was asked" in words) == (n_unasked > 0)
        assert ("several rows" in words) == (n_twice > 0)
    few = pd.concat([own.iloc[:5], own.iloc[:5].assign(gene="NOTAGENE")])
    with pytest.raises(DataError, match=r"5 of the 60 .*NOTAGENE"):
        beside_measured(predicted(change), few, tfs=[TF])


def test_p_values_that_decide_nothing_and_signs_that_cannot_be_compared_are_explained(change):
    few = measured(np.abs(change), p=np.where(np.arange(len(GENES)) < 9, 0.01, 0.8))
    few.attrs = {"p": "adjusted p"}
    found, _ = beside_measured(predicted(change), few, tfs=[TF])
    assert found.rule.endswith("as only 9 of these genes have adjusted p below 0.05 and 10 are needed")
    assert "Signs: not compared, as every responder rose" in " ".join(found.words())
    enough = few.assign(p=np.where(np.arange(len(GENES)) < 10, 0.01, 0.8))
    assert beside_measured(predicted(change), enough, tfs=[TF])[0].rule == "adjusted p below 0.05"
    none = beside_measured(predicted(change), few.assign(p=0.9), tfs=[TF])[0]
    assert "as none of these genes has adjusted p below 0.05 and 10 are needed" in none.rule


def test_another_tf_or_too_few_genes_are_refused(change):
    with pytest.raises(DataError, match=r"of GATA1, not of SPI1"):
        beside_measured(predicted(change), measured(change, tf=OTHER), tfs=[TF])
    with pytest.raises(DataError, match="at least 20"):
        beside_measured(predicted(change), measured(change).iloc[:5], tfs=[TF])


FORMS = {
    "deseq2.csv": "gene,baseMean,log2FoldChange,lfcSE,pvalue,padj\nSPI1,3,1.5,0.1,0.001,0.01\nLYZ,4,-2,0.1,NA,NA\n",
    "limma.tsv": "logFC\tAveExpr\tt\tP.Value\tadj.P.Val\nSPI1\t1.5\t3\t2\t0.001\t0.01\nLYZ\t-2\t3\t2\t0.5\tNA\n",
    "scanpy.csv": "names,scores,logfoldchanges,pvals,pvals_adj\nSPI1,3,1.5,0.001,0.01\nLYZ,3,-2,0.5,\n",
    "seurat.csv": ",p_val,avg_log2FC,pct.1,pct.2,p_val_adj\nSPI1,0.001,1.5,0.1,0.2,0.01\nLYZ,0.5,-2,0.1,0.2,NA\n",
    "prefixed.csv": "ENSG,geneSymbol,koATF3_logFC,koATF3_pValue\nENSG1,SPI1,1.5,0.01\nENSG2,LYZ,-2,\n",
    "semicolons.csv": "Gene;log2FC;FDR\nSPI1;1.5;0.01\nLYZ;-2;\nNKG7;NA;\n",
    "commas.csv": "Gene;log2FC;FDR\nSPI1;1,5;1e-2\nLYZ;-2;\n",
    "both.csv": "gene,koATF3_logFC,koATF3_pvalue,koATF3_padj\nSPI1,1.5,0.001,0.01\nLYZ,-2,0.2,\n",
    "adjusted.csv": "gene,logFC,pvalue,adjusted_pvalue\nSPI1,1.5,0.001,0.01\nLYZ,-2,0.2,\n",
    "ratios.csv": f"gene,FoldChange,padj\nSPI1,{2**1.5},0.01\nLYZ,0.25,\n",
}


@pytest.fixture
def in_this_process(tmp_path, monkeypatch):
    """Read tables without a process of their own, which takes a second each."""

    def read(path, *, load, **_options):
        tables.read_into(path, tmp_path, {})
        return load(tmp_path)

    monkeypatch.setattr(tables, "read_apart", read)


def test_a_table_is_read_in_a_process_of_its_own(tmp_path):
    path = tmp_path / "deseq2.csv"
    path.write_text(FORMS[path.name], encoding="utf-8")
    found = read_measured(path)
    assert found["change"].tolist() == [1.5, -2]
    assert found.attrs["p"] == "adjusted p"


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("name", FORMS)
def test_tables_of_every_tool_are_read(name, tmp_path):
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(FORMS[name].encode()))
    found = read_measured(path)
    assert found["gene"].tolist() == ["SPI1", "LYZ"]
    assert found["change"].tolist() == [1.5, -2]
    assert found["p"].iloc[0] == 0.01
    assert np.isnan(found["p"].iloc[1])
    text = FORMS[name]
    assert (found.attrs["p"] == "raw p") is (name == "prefixed.csv")
    assert ("log2 of" in found.attrs["columns"][0]) is (name == "ratios.csv")
    assert all(column in text for column in found.attrs["columns"][0].split("'")[3::2]), "the columns that were read"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gene,p\nSPI1,0.1\n", "no column of log fold changes"),
        ("gene,logFC\nSPI1,high\n", "holds no number, such as 'high'"),
        ("gene,logFC\nSPI1,1\nLYZ,high\n", "1 cell of the column 'logFC'"),
        ('gene,logFC\nSPI1,"1,5"\nLYZ,2.5\n', "holds no number, such as '1,5'"),
        ("gene,logFC\nSPI1,NA\n", "no value"),
        ("gene,logFC,padj\nSPI1,1,7\n", "from 0 to 1"),
        ("gene,FoldChange\nSPI1,-2\nLYZ,4\n", "called a fold change and holds -2"),
        ("gene,A_logFC,B_logFC\nSPI1,1,2\n", "'A_logFC', 'B_logFC'"),
        ("gene,logFC,A_padj,B_padj\nSPI1,1,0.1,0.2\n", "'A_padj', 'B_padj'"),
        ("a,b\n1,2\n", "no column of genes and none of log fold changes"),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_what_is_no_such_table_is_refused(text, said, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_measured(path)


def test_limits_are_the_figures_that_ship():
    said = " ".join(limits.limits_of("compact"))
    scores = released(shipped()[0]).scores
    for method in (RESPONSE, OFTEN):
        rows = scores[(scores["method"] == method) & (scores["metric"] == limits.RATIO)]
        assert f"{rows['mean'].min():.2f} to {rows['mean'].max():.2f}" in said
    signs = sorted(row["plain"]["sign"] for row in measured_propagation())
    assert f"Up or down is right for {signs[0]:.2f} to {signs[-1]:.2f} of them (a coin: 0.50)" in said
    assert said.startswith(("A simple rule tells more", "It tells more than a simple rule.")), "that is said first"
    assert limits.NO_SIGN not in said, "what is told of propagation has measured it"
    assert limits.limits_of("compact", group=True)[-1] == limits.IN_GROUPS
    told = limits.limits_of("compact", part=True, several=True)[-1]
    assert "part of the way and several at once was not tried" in told


@pytest.mark.parametrize(
    ("often", "verdict"),
    [
        (2.0, "A simple rule tells more than this prediction."),
        (0.5, "It tells more than a simple rule."),
        (1.2, "A simple rule tells more than this prediction on 1 of 2 tables."),
    ],
)
def test_what_says_more_is_told_from_the_figures_that_ship(monkeypatch, often, verdict):
    rows = [
        (one, method, limits.RATIO, value, 9)
        for one, response in (("a", 1.1), ("b", 1.3))
        for method, value in ((RESPONSE, response), (OFTEN, often))
    ]
    rows += [("a", "GDT", limits.SIGN, 0.9, 9), ("a", RESPONSE, limits.SIGN, 0.7, 9)]
    table = pd.DataFrame(rows, columns=["dataset", "method", "metric", "mean", "sources"])
    monkeypatch.setattr(limits, "_measured", lambda: {weights_sha("compact"): table})
    said = " ".join(limits.limits_of("compact"))
    assert said.startswith(verdict)
    assert "right for 0.70 of them (" in said
    assert limits.limits_of("nowhere") == (limits.NOT_MEASURED,)


def test_genes_without_a_p_are_told_and_responders_are_never_fewer_than_are_needed(change):
    p = np.where(np.arange(len(GENES)) < 7, 0.01, 0.8)
    p[-6:] = np.nan
    table = measured(change, p=p)
    table.attrs = {"p": "adjusted p"}
    found, _ = beside_measured(predicted(change), table, tfs=[TF])
    assert found.n_responders == 10
    assert found.rule.startswith("the 10 with the largest change, as only 7 of these")
    assert "6 of the compared genes have no adjusted p in the table: they count as not below 0.05." in found.words()
    assert not any(
        "no adjusted p" in said for said in beside_measured(predicted(change), measured(change), tfs=[TF])[0].words()
    )


def test_what_fits_is_told_before_as_it_is_after(change):
    table = measured(change, tf=TF).assign(gene=[*GENES[:40], *("NOTAGENE",) * 20])
    told = check_fit(table, symbols=[*GENES, TF], tfs=[TF])
    found, _ = beside_measured(predicted(change), table, tfs=[TF])
    assert told.startswith(f"{found.n_measured} of the {len(GENES)} genes that are asked are in it.")
    reasons = left_out(named(table, None), [*GENES, TF], [TF])
    assert told == " ".join(["40 of the 60 genes that are asked are in it.", *reasons])
    assert reasons
    assert set(reasons) <= set(found.columns)
    for wrong in (table.iloc[:19], table.assign(tf=OTHER)):
        with pytest.raises(DataError) as before:
            check_fit(wrong, symbols=[*GENES, TF], tfs=[TF])
        with pytest.raises(DataError) as after:
            beside_measured(predicted(change), wrong, tfs=[TF])
        assert str(before.value) == str(after.value)


@pytest.mark.parametrize("name", bundled())
def test_a_bundled_measurement_is_of_its_tf_with_source_and_licence(name):
    one = bundled()[name]
    assert one.tf in human_symbols()
    assert one.path.stat().st_size < 200_000
    table = read_measured(one.path)
    assert table["gene"].is_unique
    assert table["gene"].isin(human_symbols()).mean() > 0.99
    assert 0 < (table["p"] < 0.05).sum() < len(table) / 2
    assert "adjusted p from 'padj'" in table.attrs["columns"][0]
    (said,) = told_of(name, tfs=[one.tf], change=one.change)
    assert one.licence in said
    assert one.origin in said
    assert one.licence in (asset("measured", "PROVENANCE.md")).read_text(encoding="utf-8")
    assert "opposite signs" in told_of(name, tfs=[one.tf], change="over-expression")[-1]
    assert "SOX9 was not changed" in told_of(name, tfs=[one.tf, "SOX9"], change=one.change)[-1]
    assert bundled_of([one.tf])[name] == one.title
    assert name not in bundled_of(["SOX9"])


def test_changes_cut_at_a_largest_value_are_told_and_no_alphabet_chooses_among_them(change):
    order = np.random.default_rng(5).permutation(len(GENES))
    cut = np.empty(len(GENES))
    cut[order] = np.clip(np.linspace(-4, 2.4, len(GENES)), -2, 2)
    top = np.abs(cut) == 2
    table = measured(cut)
    found, both = beside_measured(predicted(change), table, tfs=[TF])
    assert found.n_responders == top.sum() > 10
    assert set(both.loc[both["responded"], "symbol"]) == set(np.array(GENES)[top])
    assert f"and {top.sum() - 10} more that tie with the last of them" in found.rule
    told = f"{top.sum()} changes are exactly 2 up or down and none is larger: they look cut there."
    assert told in found.words()
    assert told in check_fit(table, symbols=[*GENES, TF], tfs=[TF])
    for whole in (change, np.sign(change)):  # nothing tied, and a list of signs
        assert "look cut" not in check_fit(measured(whole), symbols=[*GENES, TF], tfs=[TF])


def test_a_gene_without_a_change_is_no_responder_for_want_of_others(change):
    few = np.where(np.arange(len(GENES)) < 4, change, 0.0)
    assert beside_measured(predicted(change), measured(few), tfs=[TF])[0].n_responders == 4


@pytest.mark.parametrize("name", bundled())
def test_where_a_bundled_measurement_and_its_licence_stand_is_named_by_file_and_commit(name):
    told = asset("measured", "PROVENANCE.md").read_text(encoding="utf-8")
    assert re.search(rf"`{name}` \| `data/\w+\.RData` \| `[0-9a-f]{{40}}`", told)
    assert re.search(r"`DESCRIPTION`[^`]*`[0-9a-f]{40}`", told)
    panel = sorted(human_symbols())[::10]
    assert "look cut" not in check_fit(read_measured(bundled()[name].path), symbols=panel, tfs=[])


def test_tfs_of_rows_without_a_known_gene_do_not_count(change):
    table = measured(change, tf=OTHER)
    strange = table.assign(gene="NOTAGENE", tf=TF).head(1)
    with pytest.raises(DataError, match=f"is of {OTHER}, not of {TF}"):
        check_fit(pd.concat([table, strange]), symbols=[*GENES, TF], tfs=[TF])


def test_several_tfs_that_were_not_changed_were_not():
    (name, one), *_ = bundled().items()
    assert "GATA1, SOX9 were not changed" in told_of(name, tfs=[one.tf, "SOX9", "GATA1"], change=one.change)[-1]


def test_a_gene_without_p_has_not_responded_to_other_tfs_either(change):
    low = np.where(np.arange(len(GENES)) < 12, 0.01, 0.8)
    own = measured(change, tf=TF, p=low)
    untold = measured(change, tf="KLF4", p=np.where(np.arange(len(GENES)) < 30, np.nan, 0.9))
    first, _ = beside_measured(predicted(change), pd.concat([own, measured(change, tf=OTHER, p=low)]), tfs=[TF])
    again, _ = beside_measured(predicted(change), pd.concat([own, measured(change, tf=OTHER, p=low), untold]), tfs=[TF])
    assert again.auprc_often == first.auprc_often == pytest.approx(1)


def test_without_p_what_was_measured_of_most_genes_is_no_list_of_responders(change):
    """Of each TF nearly all genes: who responded, and to how many other TFs, is told by the size of the change."""
    most, other = measured(change, tf=TF).iloc[:58], measured(change, tf=OTHER)
    found, table = beside_measured(predicted(change), pd.concat([most, other]), tfs=[TF])
    assert (found.n_responders, found.rule) == (10, "the 10 with the largest change")
    largest = set(np.array(GENES)[np.argsort(-np.abs(change[:58]))[:10]])
    assert set(table.loc[table["responded"], "symbol"]) == largest
    assert found.auprc_often > 0.7, "the other TF moved the same genes by as much"


def test_changes_that_are_all_above_zero_are_pointed_out(tmp_path, change):
    path = tmp_path / "changes.tsv"
    for name, told in (("log2FoldChange", True), ("foldchange", False)):
        pd.DataFrame({"gene": GENES, name: np.exp2(change)}).to_csv(path, sep="\t", index=False)
        assert any("is above 0" in one for one in read_measured(path).attrs["columns"]) == told
