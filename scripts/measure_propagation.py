"""Measure what propagating a predicted change does, on tables of perturbed TFs; writes ``assets/propagation.json``.

    python -m scripts.measure_propagation --table "GEO, RNA-seq=FILE" --table "LINCS, over-expression=FILE"

Of each table the TFs are those that the suite of perturbed TFs asks and that are in OmniPath, at most 60 drawn with a
seed, and the genes at most 2,000 beside them. The model is asked as in What if, in a generic cell, and the change is
ranked by its size, as it is and propagated along OmniPath: AUPRC over that of a guess, mean over TFs, and the balanced
accuracy of the sign. Control: the propagated change of another TF, which finds what changes with any TF.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.perturbed.measuring import ranking_measures, rankings, sign_measures
from grn_core.benchmark.perturbed.names import named
from grn_core.benchmark.perturbed.tables import Changes, changes_of, read_table
from grn_core.experiments.propagation import COLUMN, PASSED_ON, STEPS, with_propagation
from grn_core.experiments.responding import Moved
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.networks.regulons import omnipath_edges

MOST_TFS, MOST_GENES = 60, 2000


def part_of(changes: Changes, sources: set[str]) -> Changes:
    """Return the TFs that are sources of the network, and the genes drawn beside them."""
    rng = np.random.default_rng(0)
    able = [row for row, tf in enumerate(changes.tfs) if changes.genes[tf] in sources]
    rows = np.sort(rng.permutation(able)[:MOST_TFS])
    others = np.setdiff1d(np.arange(len(changes.genes)), changes.tfs[rows])
    columns = np.sort(np.concatenate([changes.tfs[rows], rng.permutation(others)[:MOST_GENES]]))
    return Changes(
        title=changes.title,
        genes=tuple(changes.genes[one] for one in columns),
        tfs=np.searchsorted(columns, changes.tfs[rows]),
        label=changes.label[np.ix_(rows, columns)],
        sign=changes.sign[np.ix_(rows, columns)],
        gain=changes.gain[rows],
        asked=changes.asked[np.ix_(rows, columns)],
    )


def answers(changes: Changes, model: FoundationModel) -> np.ndarray:
    """Return the predicted change of every gene for each TF, (T, G); the TF itself is 0."""
    record, found = model.record, []
    for tf, gain in zip(changes.tfs, changes.gain, strict=True):
        cell = np.full((1, len(changes.genes)), record.background)
        level = np.array([[record.grid[-1] if gain else record.grid[0]]])
        own = Moved.of(model, changes.genes, [int(tf)]).by_member(cell, level).mean(axis=0)[0]
        own[tf] = 0.0
        found.append(own)
    return np.array(found)


def propagated(changes: Changes, plain: np.ndarray, network: pd.DataFrame) -> np.ndarray:
    """Return the changes as What if propagates them, (T, G): each in a table without the TF, which stays 0."""
    found = np.zeros_like(plain)
    for row, tf in enumerate(changes.tfs):
        others = np.delete(np.arange(len(changes.genes)), tf)
        table = pd.DataFrame({"symbol": np.asarray(changes.genes)[others], "change": plain[row, others]})
        found[row, others] = with_propagation(table, network)[COLUMN]
    return found


def figures(changes: Changes, change: np.ndarray) -> dict[str, float]:
    """Return how well changes rank the genes that changed, and tell their sign."""
    sound = [
        row for row, own in enumerate(changes.label) if 0 < own[changes.asked[row]].sum() < changes.asked[row].sum()
    ]
    part = Changes(
        title=changes.title,
        genes=changes.genes,
        tfs=changes.tfs[sound],
        label=changes.label[sound],
        sign=changes.sign[sound],
        gain=changes.gain[sound],
        asked=changes.asked[sound],
    )
    way = np.where(part.gain, 1, -1)[:, None]  # a loss that raises a gene implies repression
    signs = sign_measures(part, (np.sign(change[sound]) * way).astype(int))
    times = ranking_measures(rankings(part, np.abs(change[sound])))["auprc_ratio_per_tf"]
    return {"times": round(times, 3), "sign": round(signs.get("sign_balanced", float("nan")), 3)}


def measured(title: str, file: Path) -> dict[str, Any]:
    """Measure one table."""
    model, network = load_model("compact"), omnipath_edges()
    changes = changes_of(read_table(file), frozenset(model.vocabulary), title=title)
    changes = part_of(changes, set(network["source_symbol"]))
    plain = answers(changes, model)
    further = propagated(changes, plain, network)
    return {
        "table": title,
        "network": "OmniPath",
        "steps": STEPS,
        "passed_on": PASSED_ON,
        "n_tfs": len(changes.tfs),
        "n_genes": len(changes.genes),
        "plain": figures(changes, plain),
        "propagated": figures(changes, further),
        "another": figures(changes, np.roll(further, 1, axis=0)),
        "another_plain": figures(changes, np.roll(plain, 1, axis=0)),
    }


def main() -> None:
    """Measure every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="append", default=[], metavar="TITLE=FILE", required=True)
    parser.add_argument("-o", "--output", type=Path, default=asset() / "propagation.json")
    arguments = parser.parse_args()
    rows = [measured(*named(one)) for one in arguments.table]
    write_json(arguments.output, {"model_sha": weights_sha("compact"), "tables": rows})


if __name__ == "__main__":
    main()
