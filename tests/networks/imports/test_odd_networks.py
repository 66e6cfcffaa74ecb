"""Tables that look like networks and are none, or write one in another way: told apart, or refused in words."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pandas as pd
import pytest

from grn_core.errors import DataError
from grn_core.networks.imports import parse
from grn_core.networks.imports.matched import match
from tests.datasets.test_odd_files import beside_ids

TFS, GENES = ("SPI1", "GATA1", "CEBPA"), ("LYZ", "CD14", "HBB", "MPO")
PAIRS = [(tf, gene) for tf in TFS for gene in GENES]


def read(path):
    form, edges = parse(path)
    return match(edges, title=form.title)


def pairs(**more):
    return pd.DataFrame(PAIRS, columns=["source", "target"]).assign(**more)


@pytest.mark.parametrize(("name", "said"), [("net.zip", "no workbook of Excel"), ("net.tsv.gz", "packed once more")])
def test_an_archive_is_called_one(tmp_path, name, said):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("net.tsv", pairs().to_csv(sep="\t", index=False))
    (tmp_path / name).write_bytes(gzip.compress(whole.getvalue()) if name.endswith("gz") else whole.getvalue())
    with pytest.raises(DataError, match=said) as refused:
        read(tmp_path / name)
    assert "unpack it" in refused.value.todo


LIGANDS = pd.DataFrame({"ligand": GENES, "receptor": GENES[::-1], "source": "B", "target": "T", "lr_means": 1.0})
INTERACTING = pd.DataFrame({"interacting_pair": "CD14_LYZ", "gene_a": GENES, "gene_b": GENES[::-1], "rank": 1})
ARACNE = "\n".join(tf + "".join(f"\t{gene}\t0.{n}5" for n, gene in enumerate(GENES, start=1)) for tf in TFS)
REFUSED = {
    "ligands and receptors": (LIGANDS.to_csv(index=False), "ligands and receptors"),
    "pairs that interact": (INTERACTING.to_csv(index=False), "ligands and receptors"),
    "several targets in a line": (ARACNE, "names 5 genes"),
    "sets of genes": ("\n".join(f"HALLMARK_{n}\thttp\t" + "\t".join(GENES) for n in "AB"), "none of the 2 sources"),
    "ids beside symbols": (beside_ids().to_csv(sep="\t"), "both ends are names of one gene"),
    "GML": ('graph [\n directed 1\n node [ id 0 label "SPI1" ]\n]', "GML"),
    "Graphviz": ("digraph net {\n SPI1 -> LYZ;\n}", "Graphviz"),
    "Pajek": ('*Vertices 2\n1 "SPI1"\n2 "LYZ"\n*Arcs\n1 2 0.5\n', "Pajek"),
    "JSON of networkx": (json.dumps({"nodes": [{"id": "SPI1"}], "links": []}), "no elements"),
}
"""What -> the text, and words of the refusal."""


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_network_of_tfs_and_targets_is_said(what, tmp_path):
    text, words = REFUSED[what]
    path = tmp_path / ("sets.gmt" if "sets" in what else "net.json" if "JSON" in what else "net.txt")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words) as caught:
        read(path)
    assert caught.value.todo


def test_the_confidence_of_inferelator_is_its_score(tmp_path):
    frame = pairs(combined_confidences=[n / 20 for n in range(12)], precision=1.0, recall=0.1).rename(
        columns={"source": "regulator"}
    )
    frame.to_csv(tmp_path / "network.tsv", sep="\t", index=False)
    found = read(tmp_path / "network.tsv")
    assert found.unit == "combined_confidences"
    assert found.edges.iloc[0][["source", "target"]].tolist() == ["CEBPA", "MPO"]


@pytest.mark.parametrize("tfs", [TFS, ("SPI1", "MY-TF", "OTHER")])
def test_a_tf_that_no_table_knows_is_one_where_others_are_known(tfs, tmp_path):
    frame = pairs().replace(dict(zip(TFS, tfs, strict=True)))
    frame.to_csv(tmp_path / "network.csv", index=False)
    assert len(read(tmp_path / "network.csv").edges) == 12


UP, DOWN = "activation", "repression"
UNREAD = {
    "typed": ({"sign": [UP, "represion"] * 6}, "1 word of the column 'sign' is not known ('represion')", 6),
    "true": ({"sign": [True, False] * 6}, "2 words of the column 'sign' are not known ('False', 'True')", 0),
    "words": ({"regulation": ["direct", "indirect"] * 6}, "2 words of the column 'regulation' are not known", 0),
    "other": ({"sign": [UP, "unknown"] * 6}, "", 6),
    "none": ({"effect": ["unknown"] * 12}, "", 0),
    "type": ({"type": ["direct", "indirect"] * 6}, "", 0),
    "whole": ({"sign": [UP, DOWN] * 6}, "", 12),
}


@pytest.mark.parametrize("what", UNREAD)
def test_words_that_say_no_sign_where_signs_are_expected_are_named(what, tmp_path):
    columns, said, signed = UNREAD[what]
    pairs(weight=range(12), **columns).to_csv(tmp_path / "net.csv", index=False)
    _, edges = parse(tmp_path / "net.csv")
    assert (0 if edges.sign is None else int((edges.sign != 0).sum())) == signed
    assert [one for one in edges.doubts if "not known" in one and said in one] if said else not edges.doubts


def test_a_column_of_yes_and_no_beside_scores_takes_no_row_out_and_that_is_said(tmp_path):
    pairs(weight=range(12), edge=[1, 0] * 6).to_csv(tmp_path / "net.csv", index=False)
    pairs(weight=range(12), link=["yes", "no"] * 6).to_csv(tmp_path / "words.csv", index=False)
    pairs(weight=range(12), edge=1).to_csv(tmp_path / "all.csv", index=False)
    for name, column in (("net.csv", "edge"), ("words.csv", "link"), ("all.csv", "")):
        _, edges = parse(tmp_path / name)
        assert len(edges.source) == 12
        assert [
            f"{column!r} of yes and no is not read beside the scores of 'weight'" in one for one in edges.doubts
        ] == ([True] if column else [])


@pytest.mark.parametrize(("column", "no"), [("edge", 0), ("label", "no"), ("is_true", False), ("edge", 0.0)])
def test_a_table_that_says_of_every_pair_that_it_is_no_edge_is_refused(column, no, tmp_path):
    pairs(**{column: no}).to_csv(tmp_path / "net.csv", index=False)
    with pytest.raises(DataError, match="says 0 or no in each of the 12 rows"):
        parse(tmp_path / "net.csv")
    pairs(weight=0).to_csv(tmp_path / "weights.csv", index=False)  # scores of zero are another thing
    assert len(parse(tmp_path / "weights.csv")[1].source) == 12
