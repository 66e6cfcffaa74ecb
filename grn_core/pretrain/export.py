"""Write a trained compact network as a model folder: weights, vocabulary, card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from grn_core.models.compact.network import CompactNetwork
from grn_core.models.record import OFFERS
from grn_core.pretrain.card import model_card
from grn_core.pretrain.corpus import CLIP, CorpusPart
from grn_core.pretrain.files import KINDS
from grn_core.pretrain.recipe import Recipe
from grn_core.pretrain.train import read_log

GRID = tuple(round(float(level), 4) for level in np.linspace(-2.0, 4.0, 8))
DESCRIPTION = (
    "Small value model in the manner of scGPT: gene vectors that mix differently in every data set, with a transformer "
    "that corrects them, pre-trained by this project on public single cells and averages of cell types and tissues. "
    "Bundled: it needs no download and runs on a laptop."
)
LIMITS = (
    "Small: {rows:,} cells and averages, {human:.0%} of them human; mouse genes only through 1:1 orthologs. It has "
    "seen which genes vary together, never a perturbation, so what VVP and GDT read is learnt covariation with a "
    "direction. It does not replace a large model."
)


def export_model(
    network: CompactNetwork,
    parts: Sequence[CorpusPart],
    vocabulary: Sequence[str],
    recipe: Recipe,
    *,
    work: Path,
    folder: Path,
    note: str = "",
    tried: str = "",
    command: str = "",
) -> dict[str, Any]:
    """Write ``model.safetensors``, ``vocabulary.txt``, ``card.json`` and ``README.md``; return the card.

    Parameters
    ----------
    network
        Trained.
    parts, vocabulary, recipe
        What it was trained on and how.
    work
        Training folder: its log goes into the card.
    folder
        Where to.
    note
        What else the card says of the training data and of the machine.
    tried
        Markdown: what else was tried, with its figures.
    command
        What makes it again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mean, sd = gene_statistics(parts, len(vocabulary))
    tensors = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    tensors |= {"reference_mean": torch.from_numpy(mean), "reference_sd": torch.from_numpy(sd)}
    save_file(tensors, folder / "model.safetensors")
    (folder / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    log = read_log(work)
    card = {
        "name": "compact",
        "title": "Compact (bundled)",
        "family": "compact",
        "description": DESCRIPTION,
        "licence": "MIT",
        "limits": LIMITS.format(
            rows=sum(len(p.values) for p in parts),
            human=sum(len(p.values) for p in parts if p.species == "human") / sum(len(p.values) for p in parts),
        ),
        "n_parameters": sum(p.numel() for p in network.parameters()),
        "n_genes": len(vocabulary),
        "units": "standard deviations from the gene's mean in its data set, of log1p counts per 10,000",
        "value_range": list(CLIP),
        "background": 0.0,
        "grid": list(GRID),
        "readouts": ["conditions", "masked", "plain"],
        "hiding_readouts": ["conditions", "masked"],
        "default_readout": "masked",
        "conditions": [part.name for part in parts],
        "offers": list(OFFERS),
        "width": network.shape.width,
        "shape": {k: v for k, v in asdict(network.shape).items() if k != "n_genes"},
        "recipe": asdict(recipe),
        "note": note,
        "command": command,
        "tried": tried or "Nothing else is on record.",
        "training_seconds": log[-1]["seconds"] if log else 0.0,
        "curve": log,
        "reconstruction": reconstruction(network, parts, recipe),
        "training_data": [
            {
                "name": p.name,
                "species": p.species,
                "cells": len(p.values),
                "held_out": int(p.held_out.sum()),
                "genes": len(p.genes),
                "sha256": p.sha256,
                "kind": p.kind,
                "study": p.source.study,
                "repository": p.source.repository,
                "source_licence": p.source.licence or "not stated",
            }
            for p in parts
        ],
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(model_card(card), encoding="utf-8")
    return card


def gene_statistics(parts: Sequence[CorpusPart], n_genes: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of log1p CP10k of every gene, averaged over the data sets that hold it; (n_genes,) float32 each.

    Single cells alone decide where they hold a gene, because users bring cells: averages vary less. Genes that no data
    set holds after filtering get mean 0 and the median spread.
    """
    mean, sd, known = (np.zeros(n_genes) for _ in range(3))
    for kind in KINDS:
        total, spread, weight = (np.zeros(n_genes) for _ in range(3))
        for part in (one for one in parts if one.kind == kind):
            share = len(part.training) ** 0.5
            total[part.genes] += share * part.mean
            spread[part.genes] += share * part.sd
            weight[part.genes] += share
        new = (weight > 0) & (known == 0)
        mean[new], sd[new], known[new] = total[new] / weight[new], spread[new] / weight[new], 1
    sd[known == 0] = np.median(sd[known > 0])
    return mean.astype(np.float32), sd.astype(np.float32)


def reconstruction(
    network: CompactNetwork, parts: Sequence[CorpusPart], recipe: Recipe, *, n_visible: int = 64, n_hidden: int = 192
) -> dict[str, float]:
    """Error on hidden genes of held-out cells relative to predicting the gene mean; mean over data sets.

    Beside the network stands a ridge regression from the same visible genes, fitted for each data set on its own
    training cells (an advantage that the network, which serves all data sets at once, does not have). Without a data
    set that has enough genes and held-out cells, both are absent.
    """
    shares: dict[str, list[float]] = {"network": [], "ridge": []}
    for number, part in enumerate(parts):
        cells = np.flatnonzero(part.held_out)
        if len(part.genes) < n_visible + n_hidden or len(cells) < 4:
            continue
        picked = np.random.default_rng([recipe.seed, 5, number]).permutation(len(part.genes))[: n_visible + n_hidden]
        values = part.values[:, picked].astype(np.float32)
        train, test = values[part.training], values[cells]
        x, y = train[:, :n_visible], train[:, n_visible:]
        weights = np.linalg.solve(x.T @ x + 0.1 * len(x) * np.eye(n_visible, dtype=np.float32), x.T @ y)
        truth = test[:, n_visible:]
        ids = torch.from_numpy(part.genes[picked].astype(np.int64)).expand(len(cells), -1)
        visible = torch.zeros(ids.shape, dtype=torch.bool)
        visible[:, :n_visible] = True
        with torch.no_grad():
            shown = network(ids, torch.from_numpy(test), visible=visible, condition=number)
            predicted = shown["value"].numpy()[:, n_visible:]
        base = float((truth**2).mean())
        shares["network"].append(float(((predicted - truth) ** 2).mean()) / base)
        shares["ridge"].append(float(((test[:, :n_visible] @ weights - truth) ** 2).mean()) / base)
    result = {f"relative_error_{name}": round(float(np.mean(found)), 4) for name, found in shares.items() if found}
    return {**result, "relative_error_gene_mean": 1.0, "n_visible": n_visible, "n_data_sets": len(shares["network"])}
