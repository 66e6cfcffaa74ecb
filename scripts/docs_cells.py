"""The documentation's tables of signs by several ways, and of what measured cells add; read from the assets."""

from __future__ import annotations

import json
from typing import Any

from grn_core.assets import asset
from scripts.docs_commands import markdown_table


def _read(name: str) -> Any:
    return json.loads(asset(name).read_text(encoding="utf-8"))


def sign_candidates_table() -> str:
    """Balanced accuracy of every way to tell a sign: a row a table of signed pairs, a column a way."""
    rows = _read("sign_candidates.json")
    ways = list(dict.fromkeys(row["way"] for row in rows))
    found = {(row["reference"], row["way"]): row for row in rows}
    lines = []
    for row in rows:
        if row["way"] == ways[0]:
            title = f"{row['reference']} ({row['n_edges']:,} pairs, {row['n_sources']:,} TFs)"
            lines.append((title, *(_sign(found.get((row["reference"], way))) for way in ways)))
    return markdown_table(("balanced accuracy (right of all)", *ways), lines)


def _sign(row: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    if row["balanced"] is None:
        return f"({row['right']:.0%})"
    return f"{row['balanced']:.2f} ± {row['error']:.2f} ({row['right']:.0%})"


def own_cells_table() -> str:
    """AUPRC of every way to use measured cells: a row a way, a column a test."""
    rows = _read("own_cells.json")["auprc"]
    ways = list(dict.fromkeys(way for row in rows for way in row["auprc"]))
    tests = [f"{row['dataset']} {row['network']}" for row in rows]
    lines = [(way, *(_auprc(row, way) for row in rows), f"{_mean(rows, way):.3f}") for way in ways]
    return markdown_table(("AUPRC", *tests, "mean"), lines)


def _auprc(row: dict[str, Any], way: str) -> str:
    weight = row["weights"].get(way)
    return f"{row['auprc'][way]:.3f}{'' if weight is None else f' (x {weight:g})'}"


def _mean(rows: list[dict[str, Any]], way: str) -> float:
    return float(sum(row["auprc"][way] for row in rows) / len(rows))


def differs_table() -> str:
    """How often the higher score of two data sets goes with the edge that only one has: a row a way."""
    rows = _read("own_cells.json")["differs"]
    ways = list(rows[0]["auroc"])
    titles = [
        f"{row['one']}, {row['other']}: {row['network']} ({row['pairs']:,} pairs, {row['tfs']} TFs)" for row in rows
    ]
    lines = [(way, *(f"{row['auroc'][way]:.2f}" for row in rows)) for way in ways]
    return markdown_table(("AUROC of the difference", *titles), lines)
