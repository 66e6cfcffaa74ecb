"""The model card in plain words, made from ``card.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grn_core.hub.cards import table, with_front_matter

LATER = {"kind": "kind", "study": "study", "repository": "repository", "licence": "source_licence"}
"""Column of the data sets -> the entry of a card that it shows, which older cards do not have."""


def model_card(card: Mapping[str, Any]) -> str:
    """Write a model's card as Markdown.

    Parameters
    ----------
    card
        Content of ``card.json``, from `grn_core.pretrain.export.export_model`.

    Returns
    -------
    str
        Front matter; what it is, what it was trained on and how, what was measured, its limits.
    """
    data, recipe, scores = card["training_data"], card["recipe"], card["reconstruction"]
    grid = ", ".join(f"{level:g}" for level in card["grid"])
    weighed, refused = "each weighing the same", ""
    if "size_power" in recipe:  # recipes of before had neither weights nor names that they refuse
        weighed = "weighed by `size_power` and `cell_weight`"
        refused = "No data set of BEELINE is among them: the recipe refuses their accessions. "
    text = f"""# {card["title"]}

{card["description"]}

- {card["n_parameters"]:,} parameters, {card["n_genes"]:,} genes (human symbols), licence {card["licence"]}
- values: {card["units"]}; background {card["background"]:g}; grid {grid}
- readouts, each the true level of every gene in its own standard deviations: `masked` (the source alone is shown, as
  an exact value), `conditions` (the same once under each of the {len(card["conditions"])} data sets of pre-training:
  features that many times as long), `plain` (every gene is shown, as measured)

## Recipe

A gene has a unit vector in each condition (data set), a cell a state of as many dimensions; a gene's true level is
their product, its measured value a share of that and sampling noise. The state is the posterior mean given the visible
genes plus the correction of a transformer that reads them as tokens. Vectors and conditions start from a truncated SVD
of the data sets, {weighed}, and from the covariances in its space; then everything is trained on masked
values: each hidden gene's standardised value from a random number of visible genes.
{card["training_seconds"] / 60:.0f} minutes of training. The command:
`{card.get("command") or "python -m grn_core pretrain --corpus FOLDER --work FOLDER --out FOLDER"}`.

{table(("option", "value"), recipe.items())}

## Measured

{_reconstruction(scores)}

{_curve(card["curve"], every=max(1, recipe["steps"] // 10))}

## What was tried

{card["tried"]}

## Limits

{card["limits"]}

## Training data

{_amount(data)}, from packages and repositories that publish them; 5 % of the rows of each were held out. The data
themselves are not part of this repository, and no reference network was used. {refused}{card["note"]}

{_data(data)}
"""
    return with_front_matter(text, name=card["name"], licence=card["licence"], tags=("single-cell", "gene-regulation"))


def _reconstruction(scores: Mapping[str, Any]) -> str:
    if not scores["n_data_sets"]:
        return "No data set has enough genes and held-out cells to measure the reconstruction on."
    return f"""Mean squared error on hidden genes of held-out cells relative to predicting each gene's mean (1.0),
{scores["n_visible"]} visible genes, mean over {scores["n_data_sets"]} data sets:
**{scores["relative_error_network"]:.4f}**; a ridge regression fitted to each data set's own training cells:
{scores["relative_error_ridge"]:.4f}. Most of the variance of single cells is sampling noise that nothing predicts. What
the model is worth for regulation is measured with each translator (`../../translators`)."""


def _curve(curve: Sequence[Mapping[str, Any]], *, every: int) -> str:
    lines = [line for line in curve if line["step"] % every == 0]
    counts = [key.removeprefix("relative_error_") for key in (lines or [{}])[0] if key.startswith("relative_error_")]
    heading = ("step", "minutes", "training loss", *(f"relative error, {count} visible" for count in counts))
    rows = (
        (
            line["step"],
            f"{line['seconds'] / 60:.0f}",
            f"{line['loss']:.4f}",
            *(f"{line[f'relative_error_{count}']:.4f}" for count in counts),
        )
        for line in lines
    )
    return table(heading, rows)


def _amount(parts: Sequence[Mapping[str, Any]]) -> str:
    """Say how many cells and averages there are."""
    averages = [part for part in parts if part.get("kind") == "profiles"]
    cells = [part for part in parts if part.get("kind") != "profiles"]
    found = [f"{sum(one['cells'] for one in cells):,} cells of {len(cells)} public data sets, counts"] if cells else []
    if averages:
        n = sum(one["cells"] for one in averages)
        found.append(f"{n:,} averages of cell types, tissues and cell lines of {len(averages)} public data sets")
    return ", and ".join(found)


def _data(parts: Sequence[Mapping[str, Any]]) -> str:
    """List the data sets; an entry that a card does not have has no column."""
    columns = {
        "data set": [p["name"] for p in parts],
        "kind": ["averages" if p.get("kind") == "profiles" else "cells" for p in parts],
        "species": [p["species"] for p in parts],
        "rows": [f"{p['cells']:,}" for p in parts],
        "genes used": [f"{p['genes']:,}" for p in parts],
        "study": [_one_line(p.get("study", "")) for p in parts],
        "repository": [_one_line(p.get("repository", "")) for p in parts],
        "licence": [_one_line(p.get("source_licence", "")) for p in parts],
        "SHA-256": [f"`{p['sha256'][:12]}`" for p in parts],
    }
    said = [name for name in columns if name not in LATER or any(LATER[name] in p for p in parts)]
    return table(said, zip(*(columns[name] for name in said), strict=True))


def _one_line(text: str) -> str:
    """Put a text into a cell of a table."""
    return " ".join(str(text).replace("|", "/").split()) or "not stated"
