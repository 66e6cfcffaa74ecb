"""Calibrate a translator on data sets that it was not trained on; writes its card and ``assets/precision.json``.

    python -m scripts.calibrate_translator --translator beeline-hesc-string-neighbours --references networks
        --network STRING --test hHEP --test mDC --test mESC --test mHSC-E --without hESC
        --other loo-hHEP --other loo-mDC --other loo-mESC --other loo-mHSC-E

What is written of the precision is found on each data set by the curve of the others (leave one out); the card gets the
curve of all. ``--other`` names translators that were trained on one of these data sets each (``train-translator
--reference beeline:FOLDER:hHEP:STRING --extractors gdt,vvp,source,target,neighbours --seeds 2``, and of one that knows
edges beside ``--beside`` as it has and ``--without`` STRING, Non-Specific and Specific of the others): how much the
log-odds of a pair differ between them and the translator, on data sets that neither has seen, is the part of the
uncertainty that comes from the training set. ``coverage`` is how often bins of probability hold a share of edges within
1.64 times the uncertainty (that of 90 %), of seeds alone and of all, on the data set that was left out. ``--chosen-on
DATASET:NETWORK`` names, for the card, test sets on which a choice was made.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from grn_core.assets import asset
from grn_core.benchmark.references.reference import Reference, read_reference
from grn_core.benchmark.results.card import translator_card
from grn_core.files import write_atomic, write_json
from grn_core.translator.calibration import mark
from grn_core.translator.card import combined
from grn_core.translator.curves import Calibration, Curve, as_told, fit_curve, knots_of
from grn_core.translator.expected import entry_of
from grn_core.translator.registry import folder_of, load_translator, translator_sha
from scripts.measure_precision import Scored, as_rows, found, scored

EDGES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Probabilities between which the difference of training sets is measured."""
BINS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
"""Probabilities between which coverage is counted."""
FEWEST = 50
"""Pairs of a bin."""
NORMAL_90 = 1.645


@dataclass(frozen=True)
class Pairs:
    """The pairs of all tests: ``own`` of the translator, ``others`` by the data set that another was trained on."""

    tests: Mapping[str, Scored]
    others: tuple[str, ...]

    def own(self, test: str) -> tuple[np.ndarray, np.ndarray]:
        """Scores (seeds, N) and labels (N,) of a test."""
        one = self.tests[test]
        return one.seeds[0][:, one.kept[0]], one.label[one.kept[0]]

    def curve(self, without: tuple[str, ...], knots: tuple[float, ...] | None = None, *, of: int = 0) -> Curve:
        """Curve of a translator by the tests that are left."""
        left = [one for name, one in self.tests.items() if name not in without]
        sets = [(one.seeds[of].mean(0)[one.kept[of]], one.label[one.kept[of]]) for one in left]
        return fit_curve(sets, knots or knots_of([score for score, _ in sets]))

    def calibration(self, without: tuple[str, ...], training: tuple[tuple[float, float], ...]) -> Calibration:
        """What the tests that are left say together and each."""
        whole = self.curve(without)
        left = [name for name in self.tests if name not in without]
        each = tuple(fit_curve([(one.mean(0), label)], whole.knots) for one, label in map(self.own, left))
        return Calibration(whole, each, training, float(np.mean([self.own(name)[1].mean() for name in left])))

    def differences(self, test: str, other: str, *, without: str = "") -> tuple[np.ndarray, np.ndarray]:
        """Mean and difference of the log-odds of two translators on a test that neither was trained on.

        Their curves are those of the remaining tests but `without`.
        """
        one, number = self.tests[test], 1 + self.others.index(other)
        kept = one.kept[0] & one.kept[number]
        mine = self.curve((test, other, without)).log_odds(one.seeds[0].mean(0)[kept])
        its = self.curve((test, other, without), of=number).log_odds(one.seeds[number].mean(0)[kept])
        return (mine + its) / 2, mine - its


def spread(found: list[tuple[np.ndarray, np.ndarray]]) -> tuple[tuple[float, float], ...]:
    """How much log-odds differ between training sets, at rising log-odds; each comparison weighs alike."""
    rows = []
    for low, high in pairwise(EDGES):
        parts = []
        for middle, off in found:
            likely = 1 / (1 + np.exp(-middle))
            here = (likely >= low) & (likely < high)
            if here.sum() >= FEWEST:
                parts.append((middle[here].mean(), (off[here] ** 2).mean() / 2))
        if parts:
            at, variance = np.mean(parts, axis=0)
            rows.append((round(float(at), 3), round(float(np.sqrt(variance)), 3)))
    return tuple(rows)


def covered(calibration: Calibration, scores: np.ndarray, label: np.ndarray) -> tuple[int, int, int]:
    """Bins of probability, and those whose share of edges is within the uncertainty: of all, and of seeds alone."""
    likely = calibration.curve.probability(scores.mean(0))
    whole = calibration.uncertainty(scores)
    seeds = replace(calibration, of_sets=(), training=()).uncertainty(scores)
    n, within, within_seeds = 0, 0, 0
    for low, high in pairwise(BINS):
        here = (likely >= low) & (likely < high)
        if here.sum() >= FEWEST:
            off = abs(label[here].mean() - likely[here].mean())
            n += 1
            within += off <= NORMAL_90 * whole[here].mean()
            within_seeds += off <= NORMAL_90 * seeds[here].mean()
    return n, int(within), int(within_seeds)


def measured(pairs: Pairs) -> tuple[list[list[float]], dict[str, list[int]], list[int]]:
    """What was found on each data set left out, its coverage, and pairs within that of another training set."""
    of_each, coverage, of_pairs = [], {}, [0, 0]
    for test in pairs.tests:
        rest = [(name, other) for other in pairs.others for name in pairs.tests if len({test, name, other}) == 3]
        apart = spread([pairs.differences(name, other, without=test) for name, other in rest])
        left = pairs.calibration((test,), apart)
        scores, label = pairs.own(test)
        of_each.append(found(left.curve.probability(scores.mean(0)), label))
        coverage[test] = list(covered(left, scores, label))
        for other in pairs.others:
            if other != test:
                middle, off = pairs.differences(test, other)
                top = middle >= np.log(0.05 / 0.95)
                sd = np.interp(middle[top], *map(np.array, zip(*apart, strict=True)))
                of_pairs[0] += int(top.sum())
                of_pairs[1] += int((np.abs(off[top]) <= NORMAL_90 * np.sqrt(2) * sd).sum())
    return as_rows(of_each), coverage, of_pairs


def main() -> None:
    """Calibrate one translator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--translator", required=True)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--references", type=Path, required=True)
    parser.add_argument("--network", default="STRING")
    parser.add_argument("--test", action="append", required=True)
    parser.add_argument("--without", required=True)
    parser.add_argument("--other", action="append", default=[])
    parser.add_argument("--chosen-on", action="append", default=[])
    given = parser.parse_args()

    def reference(dataset: str) -> Reference:
        return read_reference(f"beeline:{given.references}:{dataset}:{given.network}")

    translator = load_translator(given.translator)
    others = {one.card["training"][0]["reference"].split()[0]: one for one in map(load_translator, given.other)}
    asked = [translator, *others.values()]
    seen = [reference(given.without), *map(reference, others)]
    tests = {name: scored(asked, given.model, reference(name), seen) for name in given.test}
    pairs = Pairs(tests, tuple(others))
    apart = spread([pairs.differences(name, other) for other in others for name in tests if name != other])
    whole = pairs.calibration((), apart)
    told = {
        "extractors": combined(translator.card.get("ensemble") or translator.networks),
        "knots": list(whole.curve.knots),
        "curve": as_told(whole.curve),
        "sets": [{"test": name, **as_told(one)} for name, one in zip(tests, whole.of_sets, strict=True)],
        "training": [list(one) for one in apart],
        "network": given.network,
        "prior": round(whole.prior, 6),
    }
    translator.card["held_out"] = told
    if given.chosen_on:
        translator.card["chosen_on"] = given.chosen_on
    folder = folder_of(given.translator)
    text = json.dumps(translator.card, indent=2, ensure_ascii=False) + "\n"
    write_atomic(folder / "card.json", lambda draft: draft.write_text(text, encoding="utf-8"))
    readme = translator_card(translator.card)
    write_atomic(folder / "README.md", lambda draft: draft.write_text(readme, encoding="utf-8"))
    rows, coverage, of_pairs = measured(pairs)
    known = json.loads(asset("precision.json").read_text(encoding="utf-8"))
    entry = {
        "translator": translator.card["name"],
        "extractors": told["extractors"].split("+"),
        "tests": given.test,
        "without": given.without,
        "networks": {given.network: rows},
        "coverage": coverage,
        "pairs_covered": of_pairs,
    }
    write_json(asset("precision.json"), {**known, entry_of(translator_sha(given.translator), mark(told)): entry})


if __name__ == "__main__":
    main()
