"""What a table of scores says in plain words: whether a method beats the controls, on how many tests, by how much."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from grn_core.extractors.registry import DEFAULT, ENDS, EXTRACTORS
from grn_core.translator.measured import ENSEMBLE, WHOLE

RIVALS = {
    "Random weights": "an untrained model of the same shape",
    "Corpus correlation": "plain correlation in the model's training data",
    "SVD cosine": "a plain factorisation of the same data",
}
"""The controls that matter most, in plain words."""
PLACE = ("network", "dataset")
"""The columns of a table that say on which test a score was measured."""


@dataclass(frozen=True)
class Lead:
    """How a method stands against one control.

    Attributes
    ----------
    rival
        The control.
    wins, draws, losses
        Numbers of tests. A difference no larger than the larger of the two standard deviations is a draw.
    mean, low, high
        Mean, smallest and largest difference (method minus control).
    """

    rival: str
    wins: int
    draws: int
    losses: int
    mean: float
    low: float
    high: float

    @property
    def tests(self) -> int:
        """Number of tests on which both were measured."""
        return self.wins + self.draws + self.losses

    def sentence(self, *, metric: str = "AUPRC", ours: str = ENSEMBLE) -> str:
        """Say it of a method in one sentence of Markdown."""
        what = f"**{self.rival}** ({RIVALS[self.rival]})" if self.rival in RIVALS else f"**{self.rival}**"
        if self.tests == 1:
            verb = "beats" if self.wins else "does no better than" if self.draws else "does worse than"
            return f"The {ours} {verb} {what} on the one test set: {_signed(self.mean)} {metric}."
        counts = [f"beats it on {self.wins} of {self.tests} test sets"]
        if self.draws:
            counts.append(f"is level on {self.draws}")
        if self.losses:
            counts.append(f"is behind on {self.losses}")
        span = f"{_signed(self.mean)} {metric} on average, from {_signed(self.low)} to {_signed(self.high)}"
        return f"Against {what} the {ours} {', '.join(counts)}: {span}."


def judged(table: pd.DataFrame) -> str:
    """Return the method that is judged: what a translator says as a whole, with all terms that were measured.

    It is fixed by what was measured, and never the best of several. In results that were put together some terms may
    have been measured on a part of the tests alone: then those that were measured on all.
    """
    there = table.dropna(subset="mean")
    place = [name for name in PLACE if name in there]
    tests = {name: set(rows[place].itertuples(index=False, name=None)) for name, rows in there.groupby("method")}
    every = set().union(*(tests.get(name, ()) for name in WHOLE))
    return next((name for name in WHOLE if every and tests.get(name) == every), ENSEMBLE)


def leads(table: pd.DataFrame, *, ours: str = ENSEMBLE) -> list[Lead]:
    """Compare a method with every control of a table, those of `RIVALS` first.

    Parameters
    ----------
    table
        One cut (`grn_core.benchmark.results.view.cut_table`): ``network``, ``dataset``, ``method``, ``kind``,
        ``mean``, ``sd``.
    ours
        The method.
    """
    place = list(PLACE)
    own = table[table["method"] == ours].dropna(subset="mean").set_index(place)[["mean", "sd"]].add_suffix("_own")
    controls = table[table["kind"] == "control"].dropna(subset="mean")
    names = sorted(
        controls["method"].unique(), key=lambda n: (list(RIVALS).index(n) if n in RIVALS else len(RIVALS), n)
    )
    found = []
    for name in names:
        rival = controls[controls["method"] == name].set_index(place)[["mean", "sd"]].add_suffix("_rival")
        both = own.join(rival, how="inner")
        if both.empty:
            continue
        lead = both["mean_own"] - both["mean_rival"]
        doubt = both[["sd_own", "sd_rival"]].max(axis=1).fillna(0.0)
        wins, losses = int((lead > doubt).sum()), int((lead < -doubt).sum())
        found.append(
            Lead(
                name, wins, len(lead) - wins - losses, losses, float(lead.mean()), float(lead.min()), float(lead.max())
            )
        )
    return found


def conclusion(table: pd.DataFrame, *, ours: str = ENSEMBLE) -> tuple[str, bool]:
    """Judge a method against the best control of each test.

    Returns
    -------
    sentence, good
        In plain words, and whether the method beats every control on every test, none of `RIVALS` missing.
    """
    own = table[table["method"] == ours].dropna(subset=["mean", "control"])
    if own.empty:
        return f"The {ours} was not measured beside controls here.", False
    rivals = table[table["kind"] == "control"].set_index(["network", "dataset", "method"])["sd"]
    keys = list(zip(own["network"], own["dataset"], own["best_control"], strict=True))
    doubt = pd.Series(rivals.reindex(keys).to_numpy(), index=own.index)
    doubt = pd.concat([own["sd"], doubt], axis=1).max(axis=1).fillna(0.0)
    beaten = own["lead"] > doubt
    n, total = int(beaten.sum()), len(own)
    if n == total:
        tests = "the test set" if total == 1 else f"all {total} test sets"
        absent = [name for name in RIVALS if name not in set(table["method"])]
        if absent:
            told = f"The {ours} beats every control that was measured, on {tests}. Not measured: {', '.join(absent)}."
            return told, False
        return f"The {ours} beats every control on {tests}.", True
    failed = own[~beaten]
    where = ", ".join(f"{row.dataset} {row.network} ({row.best_control})" for row in failed.itertuples())
    share = "no test set" if n == 0 else f"{n} of {total} test sets{_by_network(own['network'], beaten)}"
    told = (
        f"The {ours} beats every control on {share}. On the others a control does as well or better: nothing is shown "
        f"there to be learnt about regulation beyond it. These are {where}."
    )
    return told, False


def better_alone(table: pd.DataFrame, *, metric: str = "AUPRC", ours: str = ENSEMBLE) -> str:
    """Say so where a part of what is put together does better alone, in the mean over the same tests; else nothing.

    It is said because that part may be all that is needed. As everywhere a difference must be beyond the doubt: here
    the mean over the tests of the larger of the two standard deviations.

    Parameters
    ----------
    table
        As of `leads`.
    metric
        What was measured, in words.
    ours
        What is put together, as cards and tables call it.
    """
    own = _scores(table, ours)
    found, n_parts = {}, 0
    for name in sorted(parts_of(ours) & set(table["method"])):
        same = _scores(table, name).reindex(own.index)
        if own.empty or same["mean"].isna().any():
            continue
        n_parts += 1
        doubt = pd.concat([own["sd"], same["sd"]], axis=1).max(axis=1).fillna(0.0).mean()
        if same["mean"].mean() - own["mean"].mean() > doubt:
            found[name] = float(same["mean"].mean())
    if not found:
        return ""
    best = max(found, key=lambda name: (found[name], name))
    tests = "the test set" if len(own) == 1 else f"these {len(own)} test sets"
    looked = f"{n_parts} parts of it that were" if n_parts > 1 else "the one part of it that was"
    return (
        f"Of {looked} measured alone, {best} does better in the mean of {tests}: {metric} {found[best]:z.3f}, where "
        f"the {ours} has {own['mean'].mean():z.3f}."
    )


def parts_of(ours: str) -> frozenset[str]:
    """Return what the parts of a translator as a whole are called in tables of scores; none of another method."""
    if ours not in WHOLE:
        return frozenset()
    _, *added = ours.split(" + ")
    terms = {"gene terms": ENDS, "neighbours": ("neighbours",)}
    names = [*DEFAULT, *(name for term in added for name in terms[term])]
    labels = [EXTRACTORS[name].label for name in names]
    smaller = [whole for whole in WHOLE if set(whole.split(" + ")) < set(ours.split(" + "))]
    return frozenset([*labels, *(f"{label} (translator)" for label in labels), *smaller])


def _scores(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Return ``mean`` and ``sd`` of a method on each test that has one."""
    return table[table["method"] == method].dropna(subset="mean").set_index(list(PLACE))[["mean", "sd"]]


def _by_network(network: pd.Series, beaten: pd.Series) -> str:
    """Count per kind of network, most won first; nothing where there is one kind only."""
    counts = beaten.groupby(network).agg(["sum", "size"]).sort_values("sum", ascending=False, kind="stable")
    if len(counts) < 2:
        return ""
    return " (" + ", ".join(f"{name}: {won} of {size}" for name, (won, size) in counts.iterrows()) + ")"


def _signed(value: float) -> str:
    return f"{value:+z.3f}".replace("-", "−")
