"""decoupler as it is, its loops compiled: what the usual tests compare with plain Python in their place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import grn_core as grn
from grn_core.datasets import load
from grn_core.datasets.values import by_symbol
from grn_core.networks.regulons import omnipath_edges, regulons

pytestmark = pytest.mark.performance


@pytest.mark.parametrize("method", ["ulm", "aucell", "mlm"])
def test_it_is_what_decoupler_finds_by_itself(method):
    import decoupler

    cells = load("pbmc68k")
    genes, values = by_symbol(cells.matrix, cells.match.symbols, kind=cells.value_kind)
    some = np.arange(cells.n_cells) < 60
    table = pd.DataFrame(values[some].toarray(), index=cells.obs.index[some], columns=genes)
    net = regulons(omnipath_edges()).rename(columns={"target_symbol": "target"})[["source", "target", "weight"]]
    theirs = getattr(decoupler.mt, method)(table, net)[0]
    ours = grn.activity(cells, method=method, cells=some)
    pd.testing.assert_frame_equal(ours, theirs[ours.columns], rtol=1e-6, atol=1e-6, check_names=False)
