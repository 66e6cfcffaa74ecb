"""Take the real and odd files of the shared folder through check, panel and a small network; write what came of each.

Usage, in the checkout: ``python -m scripts.real_files [FOLDER]``; FOLDER holds ``data`` and ``cases`` (default:
GRN_SHARED_DATA, or ``shared`` beside the checkout). The table goes into ``docs/data.md``, between
``<!-- measured: real-files -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grn_core import infer
from grn_core.datasets import Dataset, GenePanel, genes_only, read
from grn_core.datasets.gene_lists import names_in
from grn_core.errors import DataError, GrnError
from grn_core.hub.check import check
from scripts.docs_commands import markdown_table

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "data.md"
BLOCK = re.compile(r"(<!-- measured: real-files -->\n).*?(<!-- end -->)", re.DOTALL)
PLACES = (
    "data/corpus/*.h5ad",
    "data/perturbation/*.h5ad",
    "data/perturbation/*.csv.gz",
    "data/beeline/expression/*/ExpressionData.csv",
    "cases/[0-9]*/*",
    "cases/hostile/*/*",
)
NO_CELLS = ("case.json", "args.json", "vocab.json")
N_TFS, N_VARIABLE = 10, 50
COLUMNS = ("file", "species", "ids", "cells", "genes", "values", "matched", "TFs", "edges", "seconds", "outcome")


@dataclass
class Row:
    """A file, and what came of it; fields in words, as far as it came."""

    file: str
    species: str = ""
    ids: str = ""
    cells: str = ""
    genes: str = ""
    values: str = ""
    matched: str = ""
    tfs: str = ""
    edges: str = ""
    seconds: str = ""
    outcome: str = ""


def main(arguments: list[str]) -> int:
    """Write the table; return 1 if a file ended otherwise than as a network or as an error of ours."""
    shared = Path(arguments[0] if arguments else os.environ.get("GRN_SHARED_DATA", ROOT.parent / "shared"))
    if not (shared / "data").is_dir():
        print(f"there is no folder {shared / 'data'}: name the shared folder")
        return 2
    rows = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["GRN_HOME"] = home
        for path in files_of(shared):
            rows.append(outcome_of(path, shared))
            print("  ".join(filter(None, vars(rows[-1]).values())), flush=True)
    unsaid = [row for row in rows if row.outcome.startswith("BUG")]
    text = written(rows)
    old = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(BLOCK.sub(lambda found: found[1] + text + "\n" + found[2], old), encoding="utf-8")
    print(f"{len(rows)} files, {sum(row.outcome == 'network' for row in rows)} of them networks, {len(unsaid)} faults")
    return int(bool(unsaid))


def files_of(shared: Path) -> list[Path]:
    """Files of cells, lists of genes, and folders of checkpoints."""
    found = [path for place in PLACES for path in sorted(shared.glob(place))]
    folders = [path.parent for path in found if path.name == "args.json"]
    return [*(path for path in found if path.name not in NO_CELLS and path.parent not in folders), *folders]


def outcome_of(path: Path, shared: Path) -> Row:
    """Take one file as far as it goes."""
    row, start = Row(file=f"`{path.relative_to(shared)}`"), time.monotonic()
    try:
        if path.is_dir():
            report = check(path)
            row.genes, row.outcome = f"{report.record.n_genes:,}", f"checkpoint of {report.format}"
        else:
            _network(path, row)
    except GrnError as error:
        row.outcome = "refused: " + error.found.replace(str(shared) + "/", "")
    except Exception as error:  # noqa: BLE001 (a fault of ours, which the table must show)
        row.outcome = f"BUG: {type(error).__name__}: {error}"
    row.seconds = f"{time.monotonic() - start:.1f}"
    return row


def _network(path: Path, row: Row) -> None:
    try:
        dataset = read(path)
    except DataError as error:
        if path.suffix not in (".txt", ".tsv") or "edges" in error.found:
            raise
        panel = _of_list(path, row)
        if panel is None:
            raise
        row.outcome = "network of a gene list"
    else:
        panel = _of_cells(dataset, row)
        row.outcome = "network"
    edges = infer(panel)
    row.edges = f"{len(edges):,}"
    if not np.isfinite(edges["score"]).all():
        row.outcome = "BUG: scores that are no numbers"


def _of_list(path: Path, row: Row) -> GenePanel | None:
    names = names_in(path.read_bytes())
    if len(names) < 2 or any(any(sign.isdigit() for sign in name[:1]) for name in names[:3]):
        return None
    row.genes = f"{len(names):,}"
    try:
        panel = genes_only(names[: N_TFS + N_VARIABLE])
    except GrnError:
        return None
    row.tfs = f"{len(panel.sources):,}"
    return panel


def _of_cells(dataset: Dataset, row: Row) -> GenePanel:
    match = dataset.match
    row.species, row.ids, row.values = match.species, match.id_type, dataset.value_kind
    row.cells, row.genes = f"{dataset.n_cells:,}", f"{dataset.n_genes:,}"
    row.matched = f"{match.n_matched / dataset.n_genes:.0%}"
    whole = dataset.panel(n_variable=N_VARIABLE)
    row.tfs = f"{len(whole.sources):,}"
    loudest = sorted(whole.sources, key=lambda place: (-float(whole.mean[place]), place))[:N_TFS]
    return dataset.panel(n_variable=N_VARIABLE, tfs=[whole.labels[place] for place in loudest])


def written(rows: list[Row]) -> str:
    """Write the table as Markdown."""
    return markdown_table(COLUMNS, [tuple(map(_short, vars(row).values())) for row in rows])


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:157] + "..."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
