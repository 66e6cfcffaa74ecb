"""Regulons of plain tables: names of any kind, signs in words, and labels that tell TFs apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.errors import DataError
from grn_core.networks.regulons import regulons


def test_plain_names_are_matched_and_a_tf_that_is_no_gene_keeps_its_name():
    mouse = pd.DataFrame({"source": ["Spi1", "Spi1", "Program"], "target": ["Lyz2", "Cd14", "Cd14"]})
    found = regulons(mouse)
    assert found["source"].tolist() == ["Program", "Spi1"]
    assert found["source_symbol"].tolist() == ["Program", "SPI1"]
    assert found["target_symbol"].tolist() == ["CD14", "CD14"]  # Lyz2 has no counterpart of its own
    old = pd.DataFrame({"source": ["PU.1", "TAL1"], "target": ["MLL", "KMT2A"]})
    assert regulons(old)["target_symbol"].tolist() == ["KMT2A", "KMT2A"]
    with pytest.raises(DataError, match="no edge between two genes"):
        regulons(pd.DataFrame({"source": ["SPI1"], "target": ["nobody"]}))


def test_signs_may_be_words_and_other_words_are_refused():
    edges = pd.DataFrame({"source": "SPI1", "target": ["CD14", "FCN1", "LYZ"]})
    found = regulons(edges.assign(sign=["activation", "Repression", "-1"])).set_index("target_symbol")["weight"]
    assert found.to_dict() == {"CD14": 1.0, "FCN1": -1.0, "LYZ": -1.0}
    assert regulons(edges.assign(sign=pd.array([1, None, -1], dtype="Int64")))["weight"].tolist() == [1.0, 1.0, -1.0]
    unsaid = pd.DataFrame({"source": "SPI1", "target": ["CD14", "LYZ"], "sign": [True, False]})
    with pytest.raises(DataError, match="column sign holds 'True'"):  # false may be a repression, or not known
        regulons(unsaid)
    with pytest.raises(DataError, match="column sign holds 'perhaps'"):
        regulons(edges.assign(sign=["perhaps", "activation", "1"]))
    with pytest.raises(DataError, match="column score holds 'high'"):
        regulons(edges.assign(score=["high", "1", "2"]))


def test_no_two_tfs_share_a_label():
    edges = pd.DataFrame(
        {
            "source": ["X", "X", "GATA1"],
            "source_symbol": ["GATA1", "GATA2", "GATA3"],
            "target": ["CD14", "FCN1", "LYZ"],
            "target_symbol": ["CD14", "FCN1", "LYZ"],
        }
    )
    assert regulons(edges)["source"].tolist() == ["GATA1", "GATA2", "GATA3"]


@pytest.mark.parametrize("called", ["weight", "mor"])
def test_weights_of_decoupler_tell_sign_and_order(called):
    edges = pd.DataFrame({"source": "SPI1", "target": ["CD14", "FCN1", "LYZ"], called: [0.5, -2.0, 1.0]})
    assert regulons(edges)["target_symbol"].tolist() == ["FCN1", "LYZ", "CD14"]
    assert regulons(edges)["weight"].tolist() == [-1.0, 1.0, 1.0]
    assert regulons(edges, n_targets=1)["target_symbol"].tolist() == ["FCN1"]
    assert regulons(edges, signed=True)["weight"].tolist() == [-1.0, 1.0, 1.0]
    assert regulons(edges.assign(sign=0), signed=True).empty, "a column of signs says more"
    strengths = edges.assign(**{called: edges[called].abs()})
    assert regulons(strengths, signed=True).empty, "strengths alone say no sign"


def test_scores_below_zero_without_a_column_of_signs_are_refused():
    edges = pd.DataFrame({"source": "SPI1", "target": ["CD14", "FCN1"], "score": [0.5, -2.0]})
    with pytest.raises(DataError, match="1 scores of the network are below 0"):
        regulons(edges)
    assert regulons(edges.assign(sign=0))["weight"].tolist() == [1.0, 1.0]


def test_an_edge_of_strength_zero_is_none():
    edges = pd.DataFrame({"source": "SPI1", "target": ["CD14", "FCN1", "LYZ"], "score": [0.5, 0.0, 0.2]})
    assert regulons(edges)["target_symbol"].tolist() == ["CD14", "LYZ"]
    logits = edges.assign(score=[0.5, 0.0, -0.2], sign=0)
    assert regulons(logits)["target_symbol"].tolist() == ["CD14", "FCN1", "LYZ"]
    alike = edges.assign(score=0.0)
    assert len(regulons(alike)) == 3, "no scores: all are taken"


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("score", [2.0, np.nan], "1 of 2 edges of the network have no finite score"),
        ("score", [2.0, np.inf], "no finite score"),
        ("mor", [1.0, -np.inf], "no finite score"),
        ("source", ["SPI1", None], "1 edge has no source"),
        ("target", [np.nan, "CD14"], "1 edge has no target"),
    ],
)
def test_an_edge_that_cannot_be_ranked_or_named_is_refused_and_not_left_out(column, values, words):
    edges = pd.DataFrame({"source": ["SPI1", "SPI1"], "target": ["LYZ", "CD14"]})
    with pytest.raises(DataError, match=words):
        regulons(edges.assign(**{column: values}))
    assert len(regulons(edges.assign(score=np.nan))) == 2  # a column without a number is no column
