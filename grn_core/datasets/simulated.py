"""Cells simulated from published Boolean rules, as a dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from scipy import sparse

from grn_core.datasets import boolean, curated
from grn_core.datasets.checks import assemble
from grn_core.datasets.dataset import Dataset
from grn_core.datasets.isolation import dataset_made, stored
from grn_core.datasets.kinds import ToldValues

N_SIMULATED, SIMULATION_SEED = 1000, 0


def simulated_cells(model: curated.BooleanModel, *, opened: bool) -> Dataset:
    """Return the simulated cells of a model, made once in a process of its own; `opened` as of `dataset_made`."""
    options = {"model": model.ref}
    return dataset_made(Path(curated.__file__), reader=__name__, options=options, opened=opened)


def read_into(path: Path, folder: Path, options: dict[str, Any]) -> None:  # noqa: ARG001 - the rules are in our code
    """Simulate a model and write its cells into `folder`; called by the reader."""
    stored.save(_simulated(curated.MODELS[options["model"]]), folder)


def _simulated(model: curated.BooleanModel) -> Dataset:
    mrna, time = boolean.simulate(model, n_cells=N_SIMULATED, seed=SIMULATION_SEED)
    values, genes = boolean.measured(model, mrna)
    names = [f"{model.ref}-{i:04d}" for i in range(N_SIMULATED)]
    notes = ["Simulated: values are log1p of simulated mRNA levels, not of counts."]
    products: dict[str, list[str]] = {}
    for node in model.rules:
        products.setdefault(model.symbol(node), []).append(node)
    notes += [f"{node} is no gene: simulated, but neither measured nor in the truth." for node in products.pop("", [])]
    renamed = [f"{' and '.join(nodes)} as {gene}" for gene, nodes in products.items() if nodes != [gene]]
    notes += [f"Names in the model that became gene symbols: {', '.join(renamed)}."] if renamed else []
    silent = [f"{source} -> {target}" for source, target in boolean.silent_inputs(model)]
    notes += [f"In the rules but without effect, so not in the truth: {', '.join(silent)}."] if silent else []
    return replace(
        assemble(
            sparse.csr_matrix(values).log1p(),
            genes,
            pd.DataFrame({"simulated_time": time}, index=names),
            title=model.title,
            where="the simulation",
            told=ToldValues("lognorm"),
            species=model.species,
            notes=notes,
        ),
        truth=boolean.gene_edges(model),
    )
