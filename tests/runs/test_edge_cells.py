"""The two genes of an edge in groups of cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grn_core.datasets import load
from grn_core.runs import CoexpressionRequest
from grn_core.runs.edge_cells import edge_cells


@pytest.mark.parametrize("blank", [np.nan, "", "NA"])
def test_cells_without_a_label_are_in_no_group(monkeypatch, blank):
    cells = load("pbmc68k")
    labels = cells.obs["bulk_labels"].astype(object).where(np.arange(cells.n_cells) >= 200, blank)
    own = replace(cells, obs=cells.obs[[]].assign(kind=labels))
    request = CoexpressionRequest(dataset_ref=own.ref, dataset_sha=own.sha256)
    monkeypatch.setattr(CoexpressionRequest, "dataset", lambda _: own)
    source, target = [symbol for symbol in own.match.symbols if symbol][:2]
    found = edge_cells(request, source, target)
    assert found.column == "kind"
    groups = found.by_group(least=1)
    assert set(groups) == set(own.column("kind").dropna())
    assert sum(values.shape[1] for values in groups.values()) == own.n_cells - 200
    sizes = [values.shape[1] for values in groups.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert list(found.by_group(least=sizes[1])) == list(groups)[:2]
