"""Measure translators that were trained in the cells of several data sets; writes ``assets/contexts.json``.

    python -m scripts.measure_contexts --references networks --expression expression
        --data hESC --data hHEP --data mDC --data mESC --without hESC

Asked are the pairs of `scripts.measure_own_cells`, of every data set but ``--without``. **In contexts**: a translator
of the readout that shows the model every gene, trained on the STRING networks of the other data sets, each asked on
the mean of its own cells, and read on the mean of the cells of the test. **In contexts, ChIP-seq**: the same of the
networks from ChIP-seq in these very cells. **In the generic cell**: trained on the same pairs as the first, and read,
with no cell taking part: what the background alone changes. No pair of the test is trained on. **Generic** and
**context** are what the app takes, as in that script. To the score of the generic one the log-odds of the rank of
others are added, in **generic and in contexts** of the first, in **all three** also of co-expression, with the weights
that rank best on the other data sets (mean over their networks; 0 is among them), *half* with 0.5 each. AUPRC of five
draws of as many negatives as edges, of TFs that have an edge; five seeds of translators.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grn_core.assets import asset
from grn_core.benchmark.features.mean_cell import mean_cell
from grn_core.benchmark.pairs.negatives import draw_pairs
from grn_core.benchmark.protocol.training import seed_logits
from grn_core.benchmark.references.reference import read_reference
from grn_core.errors import DataError
from grn_core.extractors.in_memory import extract_rows
from grn_core.extractors.registry import is_term
from grn_core.files import write_json
from grn_core.models.interface import FoundationModel
from grn_core.models.load import load_model
from grn_core.models.registry import weights_sha
from grn_core.translator.pairs import Pairs, positive_pairs
from grn_core.translator.registry import DEFAULT, FOR_CELLS, load_translator, translator_sha
from grn_core.translator.terms import choose_weights, train_term
from grn_core.translator.train import TrainingOptions, TrainingSet, gather, split_held_back, train_translator
from grn_core.translator.translator import Translator
from scripts.measure_own_cells import (
    CONTEXT,
    CORRELATION,
    FEWEST,
    GENERIC,
    NETWORKS,
    WEIGHTS,
    Asked,
    Measured,
    asked_of,
    auprc,
    measured,
)

CONTEXTS, BOUND, SAME = "in contexts", "in contexts, ChIP-seq", "in the generic cell"
WAYS = (GENERIC, SAME, CONTEXT, CONTEXTS, BOUND, CORRELATION)
TOGETHER = {"generic and in contexts": (CONTEXTS,), "all three": (CONTEXTS, CORRELATION)}
"""What is added to the generic score, by what it is called."""
SEEDS = 5


@dataclass(frozen=True)
class Part:
    """A data set that is trained on: what is asked of it, and its features, an array (TFs, genes, length) each."""

    asked: Asked
    features: dict[str, np.ndarray]


def part_of(model: FoundationModel, asked: Asked, context: np.ndarray | None, *, like: Translator) -> Part:
    """Ask a data set all that a translator reads, on a background of its own if there is one."""
    return Part(
        asked,
        extract_rows(
            model,
            asked.genes,
            asked.sources,
            extractors=list(like.card["ensemble"]),
            readout=like.card["readout"],
            background="virtual" if context is None else "context",
            context=context,
        ),
    )


def drawn(asked: Asked, network: str, withheld: frozenset[tuple[str, str]]) -> list[Pairs]:
    """Draw edges and as many negatives a seed, none of them withheld; nothing where no edge is left."""
    genes = asked.genes
    place = {gene: number for number, gene in enumerate(genes)}
    allowed = ~np.eye(len(genes), dtype=bool)
    for source, target in withheld:
        if source in place and target in place:
            allowed[place[source], place[target]] = False
    positives = positive_pairs(asked.own[network].edges, genes)
    try:
        return [draw_pairs(positives, len(genes), seed=seed, allowed=allowed) for seed in range(SEEDS)]
    except DataError:
        return []


def trained(
    parts: Sequence[Part], network: str, *, withheld: frozenset[tuple[str, str]], like: Translator
) -> Translator:
    """Train a translator on several data sets together, that reads what `like` reads; weights on held-back pairs."""
    of_seeds: list[list[tuple[dict[str, torch.Tensor], torch.Tensor]]] = [[] for _ in range(SEEDS)]
    for part in parts:
        rows = {source: row for row, source in enumerate(part.asked.sources)}
        for seed, pairs in enumerate(drawn(part.asked, network, withheld)):
            of_seeds[seed].append((gather(part.features, rows, pairs), torch.from_numpy(pairs.label)))
    names = sorted(like.card["ensemble"])
    sets = []
    for seed, own in enumerate(of_seeds):
        label = torch.cat([one for _, one in own])
        held = split_held_back(len(label), TrainingOptions().held_back, seed=seed)
        sets.append(TrainingSet({name: torch.cat([one[name] for one, _ in own]) for name in names}, label, held))
    networks, told = {}, {}
    for name in names:
        alone = [TrainingSet({name: one.features[name]}, one.label, one.held) for one in sets]
        if is_term(name):
            networks[name], found = train_term(alone, name, seed=0)
        else:
            networks[name] = train_translator(alone, seed=0)[name]
            found = seed_logits(networks[name], [one.features[name] for one in sets])
        told[name] = torch.cat([one[own.held] for one, own in zip(found, sets, strict=True)])
    weights = choose_weights(told, torch.cat([one.label[one.held] for one in sets]))
    card = {**like.card, "name": network, "seeds": list(range(SEEDS)), "ensemble": names, "weights": weights}
    return Translator(networks, card)


def scored(translator: Translator, part: Part) -> np.ndarray:
    """Scores (TFs, genes) of a data set, which was asked what the translator reads."""
    flat = {name: torch.from_numpy(one.reshape(-1, one.shape[-1])) for name, one in part.features.items()}
    return translator.logits(flat).mean(0).reshape(len(part.asked.sources), -1).numpy()


class Measuring:
    """Every data set, asked in the generic cell and in its own cells.

    Parameters
    ----------
    model
        The foundation model.
    asked
        What is asked of each data set, by its name.
    """

    def __init__(self, model: FoundationModel, asked: dict[str, Asked]) -> None:
        self.model, self.asked, self.like = model, asked, load_translator(FOR_CELLS)
        self.part = lru_cache(maxsize=None)(self._part)

    def _part(self, name: str, way: str) -> Part:
        """Ask a data set, in its own cells or in the generic one."""
        own = self.asked[name]
        context = mean_cell(self.model, own.genes, own.cells) if way == CONTEXTS else None
        return part_of(self.model, own, context, like=self.like)

    def translator(
        self, network: str, *, way: str = CONTEXTS, withheld: frozenset[tuple[str, str]] = frozenset(), but: str = ""
    ) -> Translator:
        """Train on the network of every data set but one."""
        parts = [self.part(name, way) for name in self.asked if name != but]
        return trained(parts, network, withheld=withheld, like=self.like)

    def scores_of(self, name: str, test: Asked) -> Measured:
        """Score the pairs of a data set in every way, by translators in which it took no part."""
        source, target = test.names
        withheld = frozenset(zip(source.tolist(), target.tolist(), strict=True))
        found = measured(self.model, test)
        scores = {}
        for title, network, way in (
            (CONTEXTS, "STRING", CONTEXTS),
            (BOUND, "Specific", CONTEXTS),
            (SAME, "STRING", SAME),
        ):
            own = self.translator(network, way=way, withheld=withheld, but=name)
            scores[title] = scored(own, self.part(name, way))[test.row, test.column].astype(np.float64)
        return replace(found, scores=found.scores | scores)


def table_of(found: dict[str, Measured]) -> list[dict[str, Any]]:
    """AUPRC of every way and of ways together on every data set and network; weights by the other data sets."""
    usable = [(name, net) for name, one in found.items() for net in one.labels if one.labels[net].sum() >= FEWEST]

    @cache
    def worth(place: tuple[str, str], title: str, weights: tuple[float, ...]) -> float:
        one = found[place[0]]
        score = one.combined(dict(zip(TOGETHER[title], weights, strict=True)))
        return auprc(one.labels[place[1]], score, one.source)

    rows = []
    for name, net in usable:
        one, rest = found[name], [place for place in usable if place[0] != name]
        scores = {way: auprc(one.labels[net], one.scores[way], one.source) for way in WAYS}
        taken = {}
        for title, ways in TOGETHER.items():
            grid = list(product(WEIGHTS, repeat=len(ways)))
            worths = {some: float(np.mean([worth(place, title, some) for place in rest])) for some in grid}
            best = max(grid, key=worths.__getitem__)
            scores[title], taken[title] = worth((name, net), title, best), list(best)
            scores[f"{title}, half"] = worth((name, net), title, (0.5,) * len(ways))
        sizes = {"pairs": len(one.source), "edges": int(one.labels[net].sum())}
        rounded = {way: round(score, 4) for way, score in scores.items()}
        rows.append({"dataset": name, "network": net, **sizes, "auprc": rounded, "weights": taken})
    return rows


def read_asked(
    model: FoundationModel, references: Path, expression: Path, dataset: str, *, without: str | None
) -> Asked:
    """What is asked of one of BEELINE's data sets; pairs of the training of `without` are left out."""
    networks = {net: read_reference(f"beeline:{references}:{dataset}:{net}") for net in NETWORKS}
    seen = read_reference(f"beeline:{references}:{without}:STRING") if without else None
    return asked_of(model, networks, expression, dataset, seen)


def main() -> None:
    """Measure every way on every data set but the one that the default was trained on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--expression", type=Path, required=True)
    parser.add_argument("--data", action="append", required=True)
    parser.add_argument("--without", required=True)
    given = parser.parse_args()
    model = load_model("compact")

    def asked(name: str, without: str | None) -> Asked:
        return read_asked(model, given.references, given.expression, name, without=without)

    measuring = Measuring(model, {name: asked(name, None) for name in given.data})
    tests = [name for name in given.data if name != given.without]
    found = {name: measuring.scores_of(name, asked(name, given.without)) for name in tests}
    of = {"model_sha": weights_sha("compact"), "translator_sha": translator_sha(DEFAULT)}
    write_json(asset() / "contexts.json", {**of, "auprc": table_of(found)})


if __name__ == "__main__":
    main()
