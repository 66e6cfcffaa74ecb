"""The documentation's tables of measured scores and probabilities, read from the results that ship."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.perturbed.controls import CORPUS, DEGREE, SHUFFLED
from grn_core.benchmark.perturbed.names import LIKE, OFTEN, RANDOM, RESPONSE
from grn_core.benchmark.perturbed.names import SUITE as PERTURBATION
from grn_core.benchmark.results.tables import released
from grn_core.benchmark.results.tested import every_test, in_one_line
from grn_core.benchmark.results.verdict import judged
from grn_core.translator.calibration import held_out, mark
from grn_core.translator.direction_worth import DirectionWorth
from grn_core.translator.direction_worth import worth_of as worth_of_direction
from grn_core.translator.expected import Found, entry_of, found_at
from grn_core.translator.measured import WITH_GENES, WITH_NEIGHBOURS
from grn_core.translator.registry import DEFAULT, records, translator_sha
from grn_core.translator.sign_worth import worth_of
from scripts.docs_commands import markdown_table

OURS = (WITH_NEIGHBOURS, WITH_GENES, "Ensemble", "VVP", "GDT")
CONTROLS = ("Random weights", "Shuffled labels", "Degree only", "Corpus correlation", "SVD cosine")
CHANCE = "Random guess"

EXPECTED = (0.02, 0.05, 0.1, 0.2, 0.3)
"""Expected precisions of the table of what was found."""


@dataclass(frozen=True)
class Cut:
    """Which rows of the measured scores a table shows; see `grn_core.benchmark.results.tables`."""

    suite: str = "ugrn"
    train: str = "hESC:STRING"
    network: str = "STRING"
    genes: str = "TFs+500"
    split: str = "all"
    negatives: str = "tf-restricted"
    metric: str = "auprc"

    def of(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `scores` that this cut means."""
        for axis, value in vars(self).items():
            scores = scores[scores[axis] == value]
        return scores


TRANSFER = (*OURS, *CONTROLS)
CURATED = Cut(suite="curated", train="omnipath", network="truth", genes="all", negatives="beeline")
TABLES: dict[str, tuple[Cut, tuple[str, ...]]] = {
    "string": (Cut(), TRANSFER),
    "string-unseen": (Cut(split="unseen-both"), TRANSFER),
    "string-degree": (Cut(negatives="degree-matched"), TRANSFER),
    "string-all-pairs": (Cut(negatives="all-pairs"), TRANSFER),
    "string-natural": (Cut(negatives="natural"), TRANSFER),
    "string-1000": (Cut(genes="TFs+1000"), TRANSFER),
    "string-1000-unseen": (Cut(genes="TFs+1000", split="unseen-both"), TRANSFER),
    "neighbours-non-specific-1000": (Cut(network="Non-Specific", genes="TFs+1000"), TRANSFER),
    "neighbours-non-specific-1000-unseen": (
        Cut(network="Non-Specific", genes="TFs+1000", split="unseen-both"),
        TRANSFER,
    ),
    "non-specific": (Cut(train="hESC:Non-Specific", network="Non-Specific"), TRANSFER),
    "specific": (Cut(train="hESC:Specific", network="Specific"), TRANSFER),
    "adapted": (Cut(), ("Ensemble", "Ensemble, adapted", "SVD cosine")),
    "adapted-measured": (Cut(genes="TFs+500 (measured)"), ("Ensemble", "Ensemble, adapted", "SVD cosine")),
}
"""Name of a table in ``docs/trust.md`` -> what of the measured scores it shows, and the methods, a row each."""


def measured() -> pd.DataFrame:
    """Return the shipped scores of the compact model, not to be changed."""
    return released(asset("benchmarks", "compact")).scores


def score_table(name: str) -> str:
    """Return one table of `TABLES`: a row a method, a column a test set, the mean over the seeds."""
    cut, methods = TABLES[name]
    rows = cut.of(measured())
    tests = sorted(rows["dataset"].unique())
    values = rows.set_index(["method", "dataset"])["mean"]
    methods = tuple(method for method in methods if method in set(rows["method"]))
    lines = [(method, *(_figure(values.get((method, test))) for test in tests)) for method in methods]
    chance = rows[rows["method"] == methods[0]].set_index("dataset")["prevalence"]
    lines.append((CHANCE, *(_figure(chance.get(test)) for test in tests)))
    return markdown_table(("AUPRC", *tests), lines)


def sign_table() -> str:
    """Share of edges with the right sign on the curated networks, beside the commoner sign alone and correlation."""
    scores = measured()
    right = replace(CURATED, metric="sign_accuracy").of(scores).set_index(["method", "dataset"])["mean"]
    common = replace(CURATED, metric="sign_majority").of(scores).set_index(["method", "dataset"])["mean"]
    tests = sorted({test for _, test in right.index})
    lines = [
        ("Ensemble", *(_share(right.get(("Ensemble", test))) for test in tests)),
        ("The commoner sign alone", *(_share(common.get(("Ensemble", test))) for test in tests)),
        ("Pearson correlation", *(_share(right.get(("Pearson correlation", test))) for test in tests)),
    ]
    return markdown_table(("edges with the right sign", *tests), lines)


def known_sign_table() -> str:
    """How often the sign of the bundled model's response is right on edges whose sign is known."""
    lines = [
        (
            one.reference,
            f"{one.n_edges:,}",
            f"{one.n_sources:,}",
            _share(one.accuracy),
            _share(one.commoner),
            _figure(one.balanced),
        )
        for one in worth_of("compact")
    ]
    columns = ("known edges", "edges", "TFs", "right sign", "the commoner sign alone", "balanced accuracy")
    return markdown_table(columns, lines)


def perturbation_table() -> str:
    """How the bundled translators rank what changed when TFs were perturbed, beside what needs no translator."""
    rows = measured()
    rows = rows[rows["suite"] == PERTURBATION]
    translators = sorted(rows["train"].unique(), key=len)
    sizes = rows.drop_duplicates("dataset").sort_values("sources", kind="stable")
    titles = [
        f"{one.dataset} ({one.sources} TFs, {one.targets:,} genes, {one.prevalence:.0%} changed)"
        for one in sizes.itertuples()
    ]
    values = rows.set_index(["train", "method", "metric", "dataset"])["mean"]

    def line(name: str, trains: Sequence[str], method: str, metric: str) -> tuple[str, ...]:
        """One row; of several translators the first that has a figure of a table."""
        found = (
            next((one for train in trains if (one := values.get((train, method, metric, test))) is not None), None)
            for test in sizes["dataset"]
        )
        return (name, *("" if one is None else f"{one:.2f}" for one in found))

    whole = {train: judged(rows[rows["train"] == train]) for train in translators}
    lines = [line(f"`{train}`", (train,), method, "auprc_ratio_per_tf") for train, method in whole.items()]
    lines += [line(method, translators, method, "auprc_ratio_per_tf") for method in (RESPONSE, LIKE, CORPUS, OFTEN)]
    here = {(train, method) for train, method, *_ in values.index}
    lines += [
        line(f"`{train}`: {method[0].lower()}{method[1:]}", (train,), method, "auprc_ratio_per_tf")
        for method in (RANDOM, SHUFFLED, DEGREE)
        for train in translators
        if (train, method) in here
    ]
    for train, method in whole.items():
        name, *right = line(f"`{train}`: right direction", (train,), method, "direction")
        errors = {one.table: f" ± {one.error:.2f}" for one in direction_of(train)}
        told = (one and f"{one}{errors.get(test, '')}" for one, test in zip(right, sizes["dataset"], strict=True))
        lines.append((name, *told))
    lines.append(line("sign of the response, balanced accuracy", translators, "GDT", "sign_balanced"))
    return markdown_table(("times a guess", *titles), lines)


def direction_of(name: str) -> tuple[DirectionWorth, ...]:
    """Return how often the direction between two TFs is right by all that a bundled translator asks together."""
    (own,) = (one for one in records() if one.name == name)
    return worth_of_direction(translator_sha(name), own.ensemble)


def precision_table() -> str:
    """What was found where a precision was expected: a row a bundled translator, a column an expected precision."""
    lines = []
    for record in records():
        now = mark(held_out(record.card, record.ensemble))
        for told in dict.fromkeys((now, "")):
            found = [found_at(record.name, level, extractors=record.ensemble, mark=told) for level in EXPECTED]
            if any(found):
                cells = (_range(one, level) for one, level in zip(found, EXPECTED, strict=True))
                lines.append((f"`{record.name}`{', before' if told != now else ''}", *cells))
    return markdown_table(("expected", *(f"{level:.0%}" for level in EXPECTED)), lines)


def coverage_table() -> str:
    """How often the share of edges lies within the uncertainty, on each data set by the calibration of the others."""
    measured_once = json.loads(asset("precision.json").read_text(encoding="utf-8"))
    lines, of_pairs = [], []
    for record in records():
        told = mark(held_out(record.card, record.ensemble))
        entry = measured_once.get(entry_of(translator_sha(record.name), told), {}) if told else {}
        if not entry:
            continue
        name, counts = f"`{record.name}`", entry["coverage"]
        whole = [sum(one) for one in zip(*counts.values(), strict=True)]
        lines += [
            (name, test, f"{n}", f"{all_parts} ({all_parts / n:.0%})", f"{seeds} ({seeds / n:.0%})")
            for test, (n, all_parts, seeds) in {**counts, "all": whole}.items()
        ]
        n_pairs, within = entry["pairs_covered"]
        of_pairs.append(f"{within / n_pairs:.0%} of {n_pairs:,} pairs of {name}")
    table = markdown_table(
        ("translator", "data set left out", "bins", "within, all parts", "within, seeds alone"), lines
    )
    return (
        f"{table}\n\nOf the pairs that are expected to be edges in 5 of 100 or more, those that lie within that "
        f"interval of what a translator of another training set says: {' and '.join(of_pairs)}."
    )


def training_spread_table() -> str:
    """How much the log-odds of a pair differ between translators of different training sets, by the card."""
    told = [(record, held_out(record.card, record.ensemble).get("training", ())) for record in records()]
    lines = [
        (
            f"`{record.name}`",
            f"{1 / (1 + math.exp(-at)):.1%}",
            f"{sd:.2f}",
            f"{1 / (1 + math.exp(sd - at)):.1%} to {1 / (1 + math.exp(-sd - at)):.1%}",
        )
        for record, rows in told
        for at, sd in rows
    ]
    return markdown_table(("translator", "probability", "standard deviation, log-odds", "one either way"), lines)


def _range(found: Found | None, level: float) -> str:
    """The lowest and highest share that was found at a level; nothing where that level was not measured."""
    return "" if found is None or found.expected != level else f"{found.low:.1%} to {found.high:.1%}"


def translator_table() -> str:
    """The bundled translators: what each reads, was trained on, and its AUPRC beside the best control."""
    lines = []
    for record in records():
        if not asset("translators", record.name).is_dir():
            continue
        trained = "; ".join(str(one["reference"]) for one in record.card["training"])
        start = (f"`{record.name}`", record.readout, trained)
        lines += [
            (*start, f"{row.dataset} {row.network}", _figure(row.score), _figure(row.control), str(row.best_control))
            for row in every_test(record.card).itertuples()
        ]
    return markdown_table(("translator", "reads", "trained on", "test", "score", "best control", ""), lines)


def tested_line() -> str:
    """The line that pages say of the translator that is taken unless told otherwise."""
    return next(in_one_line(record.card) for record in records() if record.name == DEFAULT)


def _figure(value: float | None) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.0%}"
