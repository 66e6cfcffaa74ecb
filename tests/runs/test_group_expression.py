"""The mean of genes in the cells of a run, or in a group of them."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core import datasets
from grn_core.errors import DataError, RequestError
from grn_core.runs import InferRequest
from grn_core.runs.group_expression import mean_expression, why_no_cells
from grn_core.runs.kinds.panel import GENES_ONLY


def test_means_of_groups_make_up_the_mean_of_all_and_a_group_is_that_of_cells_chosen_by_it():
    cells = datasets.load("pbmc68k")
    of = {"dataset_ref": cells.ref, "dataset_sha": cells.sha256}
    known = [(label, symbol) for label, symbol in zip(cells.match.names, cells.match.symbols, strict=True) if symbol]
    labels, symbols = zip(*known[:20], strict=True)
    panel = {"labels": [*labels, "absent"], "genes": [*symbols, "NOT-A-GENE"]}
    every, units = mean_expression(InferRequest(**of), panel)
    assert list(every) == list(labels)
    assert units
    column = cells.column("bulk_labels").astype(str)
    shares = column.value_counts(normalize=True)
    parts = {
        group: mean_expression(InferRequest(**of), panel, by="bulk_labels", group=group)[0] for group in shares.index
    }
    for label in labels:
        assert np.isclose(sum(shares[group] * parts[group][label] for group in shares.index), every[label], atol=1e-5)
    some = InferRequest(**of, cells=("bulk_labels", ("Dendritic",)))
    assert mean_expression(some, panel)[0] == parts["Dendritic"]
    with pytest.raises(DataError, match="no cell is of the group Nobody"):
        mean_expression(some, panel, by="bulk_labels", group="Nobody")


def test_a_gene_list_has_none_and_says_why():
    request = InferRequest(dataset_ref=GENES_ONLY, genes=("SPI1", "GATA1"))
    assert "gene list" in why_no_cells(request)
    with pytest.raises(RequestError, match="gene list"):
        mean_expression(request, {"labels": ["SPI1"]})
