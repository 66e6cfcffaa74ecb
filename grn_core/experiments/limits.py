"""What a prediction is worth: the figures of the suite of perturbed TFs that ship, in words; none is typed here."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from grn_core.benchmark.perturbed.names import OFTEN, RESPONSE, SUITE
from grn_core.benchmark.results.tables import released, shipped
from grn_core.errors import GrnError
from grn_core.experiments.propagation import measured_without

NOT_MEASURED = "How well this model foretells what changes was not measured: compare it with a measurement of your own."
IN_GROUPS = "That is for a generic cell; how much better or worse a group of cells does was not measured."
NO_SIGN = "Whether a gene rises or falls was not measured of the predicted change."
COIN = "(a coin: 0.50)"
RATIO, SIGN = "auprc_ratio_per_tf", "sign_balanced"


def in_one_line(sha: str) -> str:
    """Say on how many tables the predictions of a model were tested, and what they, the best control and a guess reach.

    Parameters
    ----------
    sha
        SHA-256 of its weights (`grn_core.models.registry.weights_sha`).

    Returns
    -------
    str
        A sentence, in times of a guess; "" where nothing was measured of these weights.
    """
    rows = _measured().get(sha)
    if rows is None or not len(ratios := _values(rows, RESPONSE, RATIO)):
        return ""
    controls = rows[(rows["kind"] == "control") & (rows["metric"] == RATIO) & rows["dataset"].isin(ratios.index)]
    best = controls.groupby(["dataset", "method"])["mean"].mean().groupby("dataset").max()
    control = f"; best simple control {_span(best, 2)}" if len(best) else ""
    tables = "1 table" if len(ratios) == 1 else f"{len(ratios)} tables"
    return f"Tested on {tables} of perturbed TFs: AUPRC {_span(ratios, 2)} times that of a guess{control}; chance 1.00."


def limits_of(
    model: str, *, sha: str = "", group: bool = False, part: bool = False, several: bool = False
) -> tuple[str, ...]:
    """Say what was measured of a model's predictions on tables of perturbed TFs.

    Parameters
    ----------
    model
        Name or folder, as in `grn_core.models.load.load_model`.
    sha
        SHA-256 of the weights that answered, where that is known; those of the model today if empty.
    group
        Whether it was asked in a group of cells.
    part, several
        Whether a TF was moved part of the way only, and whether several were moved at once.

    Returns
    -------
    tuple of str
        Sentences; that nothing was measured where no results of these weights ship.
    """
    from grn_core.models.registry import weights_sha

    try:
        sha = sha or weights_sha(model)
    except GrnError:  # the model of an old run may be gone
        return (NOT_MEASURED,)
    rows = _measured().get(sha)
    if rows is None or not len(ratios := _values(rows, RESPONSE, RATIO)):
        return (NOT_MEASURED,)
    often, signs = _values(rows, OFTEN, RATIO), _values(rows, RESPONSE, SIGN)
    sizes = rows.drop_duplicates("dataset")
    said = [_more(often, ratios)] if len(often) else []
    rule = f"; a list of genes that change with many TFs, {_span(often, 2)} times" if len(often) else ""
    said.append(f"The prediction finds the genes that change {_span(ratios, 2)} times as well as a guess{rule}.")
    said.append(f"Up or down is right for {_span(signs, 2)} of them {COIN}." if len(signs) else _signs_of_some(sha))
    said.append(f"Measured on {len(ratios)} tables of perturbed TFs, {_span(sizes['sources'], 0)} TFs each.")
    said += [IN_GROUPS] if group else []
    unlike = [word for word, holds in (("part of the way", part), ("several at once", several)) if holds]
    if unlike:
        said.append(
            f"One TF at a time was moved, to the end of the model's range: {' and '.join(unlike)} was not tried."
        )
    return tuple(said)


def _signs_of_some(sha: str) -> str:
    """Say how often the sign was right where propagation was measured, of fewer TFs than the sizes."""
    rows = measured_without(sha)
    if not rows:
        return NO_SIGN
    right, tfs = (pd.Series(own) for own in ([row["plain"]["sign"] for row in rows], [row["n_tfs"] for row in rows]))
    return f"Up or down is right for {_span(right, 2)} of them {COIN}, for {_span(tfs, 0)} TFs a table."


def _more(often: pd.Series, ratios: pd.Series) -> str:
    """Say first whether a simple rule tells more than the predicted change, table by table."""
    more = int((often.reindex(ratios.index) > ratios).sum())
    if more in (0, len(ratios)):
        return "A simple rule tells more than this prediction." if more else "It tells more than a simple rule."
    return f"A simple rule tells more than this prediction on {more} of {len(ratios)} tables."


@lru_cache(maxsize=1)
def _measured() -> dict[str, pd.DataFrame]:
    """Return the rows of the suite by the SHA-256 of the weights."""
    found = {}
    for results in map(released, shipped()):
        rows = results.scores[results.scores["suite"] == SUITE]
        if len(rows):
            found[str(results.manifest["model_sha"])] = rows
    return found


def _values(rows: pd.DataFrame, method: str, metric: str) -> pd.Series:
    chosen = rows[(rows["method"] == method) & (rows["metric"] == metric)]
    return chosen.groupby("dataset")["mean"].mean()


def _span(values: pd.Series, digits: int) -> str:
    low, high = f"{values.min():z.{digits}f}", f"{values.max():z.{digits}f}"
    return low if low == high else f"{low} to {high}"
