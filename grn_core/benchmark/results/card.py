"""A translator's card in plain words, made from its ``card.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grn_core.benchmark.results.made import commands_of
from grn_core.extractors import EXTRACTORS
from grn_core.hub.cards import with_front_matter
from grn_core.translator.card import combined, learnt


def translator_card(card: Mapping[str, Any]) -> str:
    """Write a translator's card as Markdown.

    Parameters
    ----------
    card
        From `grn_core.benchmark.protocol.translator.train_and_measure`.

    Returns
    -------
    str
        What it was trained on, what was measured beside which controls, its limits.
    """
    names = list(learnt(card))
    labels = [EXTRACTORS[name].label if name in EXTRACTORS else name for name in names]
    what = "of the ensemble" if len(names) > 1 else "of its logits"
    text = f"""# {card["title"]}

{card["description"]}

Reads {" and ".join(labels)} features of the model `{card["model"]}` (readout `{card["readout"]}`,
tensors sha256 {card["model_sha"][:12]}); {len(card["seeds"])} seeds, hidden layers {card["hidden"]},
temperature {what} {card["temperature"][combined(names)]:z.3f}.

## Trained on

{chr(10).join([*map(_training, card["training"]), *map(_without, card.get("without", ()))])}
{_gene_terms(card)}{_held_out(card)}{_overlap(card)}
## Measured

AUPRC (average precision), mean and standard deviation over the seeds of negatives and weights. There are as many
negatives as edges, so that a random guess scores 0.5; negatives are drawn from (sources that have an edge) x (all genes
of the set). Pairs of the training set are left out of every test, edges and negatives alike.

| test | method | AUPRC | sd | sources | targets | positives | prevalence |
|---|---|---|---|---|---|---|---|
{chr(10).join(_measured(row) for row in card["evaluation"])}
{_chosen(card)}
## Limits

{_limits(card)}

## Made by

{_made(card)}
"""
    tags = ("single-cell", "gene-regulation", "translator")
    return with_front_matter(text, name=card["name"], tags=tags, base=card["model"])


def _made(card: Mapping[str, Any]) -> str:
    """Say which commands make it anew."""
    curve = " and how its probabilities were calibrated; what `loo-...` are, the head of that script says"
    words = f"How it was trained and measured{curve if card.get('held_out') else ''}:"
    return "\n\n".join([words, *(f"    {command}" for command in commands_of(card))])


def _training(one: Mapping[str, Any]) -> str:
    edges = f"{one['n_positives']:,} edges of {one['n_sources']:,} sources and as many negatives ({one['universe']})"
    known = " Known beside: they count in the terms alone." if one.get("beside") else ""
    return f"- {one['reference']}: {edges}.{known} {' '.join(one['notes'])}".rstrip()


def _without(one: Mapping[str, Any]) -> str:
    return f"- Without the pairs of {one['reference']}: {one['edges']:,} edges were left out."


def _gene_terms(card: Mapping[str, Any]) -> str:
    """Say how much of each term is added."""
    weights = card.get("weights")
    if not weights:
        return ""
    added = " and ".join(f"{weight:g} times the {EXTRACTORS[name].label}" for name, weight in weights.items())
    known = any(EXTRACTORS[name].vectors is not None for name in weights)
    left_out = f"whole genes{', of the neighbours whole TFs,' if known else ''} left out"
    return f"\nAdded to the ensemble: {added}, chosen on held-back training pairs with {left_out}.\n"


def _held_out(card: Mapping[str, Any]) -> str:
    """Say on which data sets the probabilities of a network are calibrated, where they are."""
    told = card.get("held_out")
    if not told:
        return ""
    tests = ", ".join(one["test"] for one in told["sets"])
    parts = "seeds, these data sets and other training sets" if told["training"] else "seeds and these data sets"
    return (
        f"\nProbabilities of the ensemble are calibrated on all pairs of {tests} ({told['network']}), of which "
        f"{told['prior']:z.2%} are edges; pairs seen in training are left out. Their uncertainty is over "
        f"{parts}.\n"
    )


def _chosen(card: Mapping[str, Any]) -> str:
    """Say on which of the test sets a choice was made."""
    sets = [str(one).replace(":", " ") for one in card.get("chosen_on", ())]
    return f"\nHow it is made was chosen on {', '.join(sets)}: their figures are a little flattered.\n" if sets else ""


def _limits(card: Mapping[str, Any]) -> str:
    """Say what the translator is not; what is said of probabilities is that of the ensemble only if nothing else is."""
    limits = str(card["limits"])
    if "held_out" not in card:
        return limits
    return limits.replace("Probabilities are", "Probabilities of a single extractor are")


def _overlap(card: Mapping[str, Any]) -> str:
    """Table of the edges that the references have in common."""
    if not card.get("overlap"):
        return ""
    lines = "\n".join(
        f"| {one['one']} | {one['other']} | {one['shared']:,} | {one['of_one']:z.1%} | {one['of_other']:z.1%} |"
        for one in card["overlap"]
    )
    heading = "| reference | and | edges in common | of the first | of the second |\n|---|---|---|---|---|"
    return f"\nEdges that two references share, mouse genes through orthologs:\n\n{heading}\n{lines}\n"


def _measured(row: Mapping[str, Any]) -> str:
    method = f"{row['method']} (control)" if row["is_control"] else row["method"]
    counts = f"{row['n_sources']:,} | {row['n_targets']:,} | {row['n_positives']:,} | {row['prevalence']:z.2f}"
    return f"| {row['reference']} | {method} | {row['mean']:z.3f} | {row['sd']:z.3f} | {counts} |"
