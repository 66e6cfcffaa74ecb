"""One HTML file that tells a run to somebody who does not have it: drawing, figures, tables, methods and record."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from grn_core.assets import asset
from grn_core.networks.drawing import description
from grn_core.networks.edge_table import is_directed
from grn_core.networks.exports import picture, standalone
from grn_core.networks.exports.drawn import drawn
from grn_core.networks.exports.figures import Drawing, busiest_tfs, strength_by_rank
from grn_core.networks.exports.records import Account, Export, Network
from grn_core.networks.first_view import most_edges, per_tf
from grn_core.networks.selection import select_edges, sign_words

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ROWS, MOST_TFS, MOST_TARGETS = 200, 30, 8
NO_RECORD = "This table came without the record of its run, so that nothing can be said of how it was made."
TITLE = "Gene regulatory network"
COLUMNS = {
    "rank": ("Rank", "{:z,.0f}"),
    "source": ("TF", ""),
    "target": ("Target", ""),
    "probability": ("Probability", "{:z.3f}"),
    "uncertainty": ("Uncertainty", "{:z.3f}"),
    "score": ("Score", "{:z.3g}"),
    "percentile": ("Percentile", "{:z.2f}"),
    "effect": ("Effect", ""),
}


def write(network: Network) -> bytes:
    """Write the report of a network: of the edges that were chosen for a drawing, or of the best.

    The file asks the internet for nothing, and holds what the record of the run says; of a bare table it says that
    there is none.
    """
    edges, account = network.edges, network.account
    shown = _first_view(edges) if network.shown is None else network.shown
    chosen = Network(shown, network.tfs, network.positions, account)
    graph, positions = drawn(chosen)
    svg = picture.write(Network(shown, network.tfs, positions), kind="svg").decode("utf-8")
    parts = {
        "TITLE": escape(account.title if account else TITLE),
        "ORIGIN": escape(f"Run {account.run_id}, asked on {account.created}." if account else NO_RECORD),
        "FACTS": _facts(network),
        "SHOWN": escape(f"{len(shown):,} of {len(edges):,} edges are drawn, the best first."),
        "DRAWING": escape(standalone.write(chosen).decode("utf-8"), quote=True),
        "DESCRIPTION": escape(description(graph), quote=True),
        "PICTURE": _data(svg),
        "READING": "".join(f"<p>{escape(line)}</p>" for line in account.reading) if account else "",
        "FIGURES": "".join(_figure(made) for made in (strength_by_rank(edges), busiest_tfs(shown)) if len(edges)),
        "ABOUT_TFS": escape(f"TFs with most of the {len(shown):,} edges drawn, and their best targets."),
        "TFS": _tfs(shown),
        "ABOUT_EDGES": escape(f"The best {min(MOST_ROWS, len(edges)):,} of {len(edges):,}."),
        "EDGES": _table(edges.head(MOST_ROWS)),
        "METHODS": escape(account.methods if account else NO_RECORD),
        "NOTES": _notes(account),
        "RECORD": _record(account),
    }
    template = asset("report.html").read_text(encoding="utf-8")
    return re.sub(r"<!--([A-Z_]+)-->", lambda found: parts[found[1]], template).encode("utf-8")


def _first_view(edges: pd.DataFrame) -> pd.DataFrame:
    scored = edges["score"].nunique() > 1
    return select_edges(edges, top_k_per_source=per_tf(scored=scored), max_edges=most_edges()).edges


def _facts(network: Network) -> str:
    genes = {*network.edges["source"], *network.edges["target"]}
    facts = ((len(network.tfs), "TFs"), (len(genes), "genes"), (len(network.edges), "edges"))
    return "".join(f"<li><b>{n:,}</b><span>{what}</span></li>" for n, what in facts)


def _figure(made: Drawing) -> str:
    said, svg = escape(made.sentence, quote=True), made.write().decode("utf-8")
    return f'<figure><img alt="{said}" src="{_data(svg)}"><figcaption>{said}</figcaption></figure>'


def _data(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode('utf-8')).decode('ascii')}"


def _tfs(shown: pd.DataFrame) -> str:
    rows = []
    for tf, part in shown.groupby("source", sort=False, observed=True):
        targets = [str(name) for name in part["target"]]
        more = f" and {len(targets) - MOST_TARGETS} more" if len(targets) > MOST_TARGETS else ""
        rows.append((str(tf), len(targets), f"{part['rank'].min():z,.0f}", ", ".join(targets[:MOST_TARGETS]) + more))
    rows.sort(key=lambda row: (-row[1], row[0]))
    return _rows(("TF", "Edges", "Best rank", "Targets"), rows[:MOST_TFS], numbers={1, 2})


def _table(edges: pd.DataFrame) -> str:
    """Return edges as a table in the columns that say something of them."""
    table = edges.assign(effect=edges["sign"].map(sign_words(directed=is_directed(edges))))
    strength = ("probability", "uncertainty") if "probability" in table else ("score", "percentile")
    effect = ("effect",) if (table["sign"] != 0).any() else ()
    names = [name for name in ("rank", "source", "target", *strength, *effect) if name in table]
    formatted = [
        [COLUMNS[name][1].format(value) if COLUMNS[name][1] else str(value) for value in table[name]] for name in names
    ]
    numbers = {place for place, name in enumerate(names) if COLUMNS[name][1]}
    return _rows([COLUMNS[name][0] for name in names], zip(*formatted, strict=True), numbers=numbers)


def _rows(header: Iterable[str], rows: Iterable[Iterable[object]], *, numbers: set[int]) -> str:
    kind = dict.fromkeys(numbers, ' class="number"')
    head = "".join(f"<th{kind.get(place, '')}>{escape(name)}</th>" for place, name in enumerate(header))
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind.get(place, '')}>{escape(str(value))}</td>" for place, value in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _notes(account: Account | None) -> str:
    if account is None or not account.notes:
        return ""
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in account.notes)}</ul>"


def _record(account: Account | None) -> str:
    if account is None:
        return f"<p>{NO_RECORD}</p>"
    command = f"<p>The same as a command:</p><pre>{escape(account.command)}</pre>" if account.command else ""
    record = escape(json.dumps(account.record, indent=1, ensure_ascii=False, sort_keys=True))
    return f"{command}<details><summary>Inputs, options, hashes, versions</summary><pre>{record}</pre></details>"


RECORD = Export(
    "report", "Report of the run (HTML, one file)", "report.html", "text/html", write, is_drawing=True, of_run=True
)
