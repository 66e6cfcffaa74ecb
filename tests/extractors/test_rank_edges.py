"""What is asked of a rank model reaches the readout; a stand-in is asked, so that no package beside ours is needed."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.datasets import GenePanel
from grn_core.extractors import ranks
from grn_core.models.geneformer.model import GeneformerModel

SCORES = {"move-to-front": 1.0, "delete": 2.0, "attention": 3.0}


@pytest.mark.parametrize("readout", SCORES)
def test_the_readout_and_the_listeners_are_handed_on(monkeypatch, readout):
    asked = []

    def scores(network, panel, readout, *, progress, note):
        asked.append((network, panel, progress, note))
        return SCORES[readout] * np.array([[np.nan, 0.25, 0.75]])

    monkeypatch.setattr(ranks, "rank_scores", scores)
    genes = ("GATA1", "HBB", "TAL1")
    panel = GenePanel(genes=genes, labels=genes, sources=(0,), mean=np.zeros(3), dataset_ref="toy")
    network, progress, note = object.__new__(GeneformerModel), lambda *_: None, print
    edges = ranks.rank_edges(network, panel, readout, progress=progress, note=note)
    assert edges["score"].tolist() == [0.75 * SCORES[readout], 0.25 * SCORES[readout]]
    assert edges["target"].tolist() == ["TAL1", "HBB"]
    assert asked == [(network, panel, progress, note)]
