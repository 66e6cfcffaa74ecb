"""Draw the demo's network for Home: ``python -m scripts.make_demo_picture`` infers it, or reads the finished run."""

from __future__ import annotations

import argparse
from html import escape

from grn_core import datasets, networks
from grn_core.assets import asset
from grn_core.planning import plan
from grn_core.runs import InferRequest, RunStore, manager
from grn_core.runs.kinds.panel import PanelRequest

DEMO, FILE = "pbmc68k", "demo-network.svg"
PER_TF, EDGES = 5, 46
WIDTH, HEIGHT, EDGE_OF_PAPER = 720.0, 420.0, 46.0
STYLE = (
    "line{stroke:#7d8790;stroke-opacity:.55}text{font:600 13px system-ui,sans-serif;fill:#16242b}"
    ".t{fill:#8a949c}.f{fill:#0f766e}@media(prefers-color-scheme:dark){text{fill:#e4ecec}.f{fill:#2bb3a5}}"
)


def main() -> None:
    """Write the picture."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    dataset, asked = datasets.load(DEMO), plan()
    panel = PanelRequest(title=dataset.title, dataset_ref=DEMO, dataset_sha=dataset.sha256, model=asked.model)
    run_id = manager.submit(InferRequest.planned(panel, asked))
    manager.wait(run_id).raise_for_failure()
    graph = networks.build_graph(RunStore().edges(run_id), top_k_per_source=PER_TF, max_edges=EDGES)
    asset(FILE).write_text(drawn(graph), encoding="utf-8")


def drawn(graph: object) -> str:
    """Return the picture of a graph, TFs as larger dots with their names."""
    positions = networks.layout(graph)
    xs, ys = zip(*positions.values(), strict=True)
    spans = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)

    def at(gene: str) -> tuple[float, float]:
        x, y = positions[gene]
        return (
            EDGE_OF_PAPER + (x - min(xs)) / spans[0] * (WIDTH - 2 * EDGE_OF_PAPER),
            EDGE_OF_PAPER / 2 + (y - min(ys)) / spans[1] * (HEIGHT - EDGE_OF_PAPER),
        )

    lines, dots, names = [], [], []
    table = networks.graph_edges(graph)
    shares = dict(zip(zip(table["source"], table["target"], strict=True), networks.shares(table), strict=True))
    for source, target in graph.edges:
        (x1, y1), (x2, y2) = at(source), at(target)
        width = 0.8 + 2.2 * float(shares[source, target])
        lines.append(f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke-width="{width:.1f}"/>')
    for gene in graph:
        x, y = at(gene)
        is_tf = graph.out_degree(gene) > 0
        dots.append(f'<circle class="{"f" if is_tf else "t"}" cx="{x:.0f}" cy="{y:.0f}" r="{8 if is_tf else 4}"/>')
        if is_tf:
            names.append(f'<text x="{x:.0f}" y="{y - 12:.0f}" text-anchor="middle">{escape(gene)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img">'
    return f"{head}<style>{STYLE}</style>{''.join(lines)}{''.join(dots)}{''.join(names)}</svg>\n"


if __name__ == "__main__":
    main()
