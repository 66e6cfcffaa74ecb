"""A small finished inference, written by hand into the run store: no model, no worker."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grn_core.files import write_json
from grn_core.planning import translators_for
from grn_core.runs import InferRequest, RunStatus, RunStore
from grn_core.runs.kinds.infer import score_of
from grn_core.runs.request import FORMAT
from grn_core.runs.versions import package_versions

GRID = np.linspace(-2, 4, 8)


def fabricate_run(
    *,
    n_sources: int = 6,
    n_genes: int = 30,
    seed: int = 0,
    features: bool = True,
    versions: dict[str, str] | None = None,
    kind=InferRequest,
    rare: bool = False,
    title: str = "Fabricated cells",
    name_of_gene: str = "G{:02d}",
    sha: str | None = None,
    ref: str = "fabricated",
    **request,
) -> str:
    """Write a finished run of genes ``G00``, ``G01``, ... (`name_of_gene`), the TFs first; return its id.

    An inference has signs unless it is asked for none, and probabilities where they would be calibrated: if `rare`,
    those of a network in which edges are rare, else of as many edges as others, as earlier versions wrote them.
    """
    store = RunStore()
    if kind is InferRequest:
        context = request.get("background") == "context"
        shows_cells = {"translator": translators_for("compact", background="context")[0].name} if context else {}
        request = {"signs": "slope", **shows_cells, **request}
    asked = kind(dataset_ref=ref, dataset_sha=sha or f"{seed}", title=title, **request)
    score = score_of(asked.plan()) if kind is InferRequest else None
    if score is not None and not rare:
        score.pop("prior", None)
    run_id = f"{seed:016x}"
    record = {
        "run_id": run_id,
        "format": FORMAT,
        "created": f"2026-01-0{seed % 9 + 1}T12:00:00.000+00:00",
        "title": asked.title,
        "request": asked.to_json(),
        "hashes": {},
        "versions": package_versions() | (versions or {}),
        "result": {} if score is None else {"score": score},
    }
    write_json(store.path(run_id) / "run.json", record)
    generator = np.random.default_rng(seed)
    genes = [name_of_gene.format(place) for place in range(n_genes)]
    write_json(store.path(run_id) / "panel.json", {"labels": genes, "sources": list(range(n_sources))})
    strength = generator.normal(size=(n_sources, n_genes)) * 2 + generator.normal(size=(n_sources, 1))
    strength += 1.5 * generator.normal(size=(1, n_genes))
    sign = np.where(generator.random((n_sources, n_genes)) < 0.6, 1, -1)
    middle = generator.uniform(-1, 2.5, size=(n_sources, n_genes, 1))
    steepness = generator.uniform(0.6, 2.0, size=(n_sources, n_genes, 1))
    size = sign[..., None] * np.exp(strength[..., None] / 3) / 4
    rise = 1 / (1 + np.exp(-steepness * (GRID - middle)))
    response = size * (rise - 1 / (1 + np.exp(steepness * middle)))
    gradient = size * steepness * rise * (1 - rise)
    rows = [
        (genes[i], genes[j], strength[i, j], sign[i, j]) for i in range(n_sources) for j in range(n_genes) if i != j
    ]
    edges = pd.DataFrame(rows, columns=["source", "target", "score", "sign"]).sort_values("score", ascending=False)
    edges["probability"] = 1 / (1 + np.exp(-edges["score"] / 3 + (4 if rare else 0)))
    edges["sign_agreement"] = 1.0
    edges["spread"] = generator.uniform(0.005, 0.06, size=len(edges))
    if kind is InferRequest and len(asked.seeds) == 1:
        edges["spread"] = 0.0  # as earlier versions wrote it
    edges["rank"] = np.arange(1, len(edges) + 1)
    if score is not None and not score["signed"]:
        edges["sign"] = 0
    if score is not None and not score["probability"]:
        edges = edges.drop(columns="probability")
    edges["percentile"] = 100 * (1 - (edges["rank"] - 1) / len(edges))
    edges.reset_index(drop=True).to_parquet(store.path(run_id) / "edges.parquet")
    if features:
        folder = store.path(run_id) / "features"
        folder.mkdir()
        np.save(folder / "vvp.npy", response.astype(np.float32))
        np.save(folder / "gdt.npy", gradient.astype(np.float32))
        write_json(folder / "grid.json", {"levels": GRID.tolist()})
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id
