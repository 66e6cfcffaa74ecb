"""A prediction beside a measurement: do the ranks agree, the responders, the signs; each beside what chance gives."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from grn_core.benchmark.perturbed.expressed import MOST_P
from grn_core.benchmark.perturbed.measuring import rankings, sign_measures
from grn_core.benchmark.perturbed.tables import FEWEST, Changes
from grn_core.experiments.agreement import Agreement
from grn_core.experiments.matching import FEWEST_GENES, check_tfs, left_out, named, too_few
from grn_core.translator.precision import average_precision_of_steps, steps

LARGEST = 0.1
"""Share of the genes with the largest change that have responded, where no p-values say it (`MOST_P`)."""
MOST_LISTED = 0.5
"""Share of the genes of a table of several TFs up to which those of one are a list of what responded; more, without
p-values, are what was measured."""
SHUFFLES = 200


def beside_measured(
    predicted: pd.DataFrame,
    measured: pd.DataFrame,
    *,
    tfs: Collection[str],
    others: pd.DataFrame | None = None,
    species: str | None = None,
    seed: int = 0,
) -> tuple[Agreement, pd.DataFrame]:
    """Compare a prediction with a measurement.

    Parameters
    ----------
    predicted
        As of `grn_core.experiments.predicting.predicted`.
    measured
        As of `grn_core.experiments.tables.read_measured`. Where it names TFs, the rows of `tfs` are the measurement,
        and those of others say how often a gene responds; a gene that has no row of `tfs` has not responded.
    tfs
        Canonical symbols of the TFs that were changed.
    others
        What the model says of other TFs: a row a gene by its symbol, a column a TF.
    species
        Of the genes of the measurement; recognised from their names if None.
    seed
        Of the shuffled genes.

    Returns
    -------
    agreement
        How they fit.
    table
        ``gene``, ``symbol``, ``change``, ``uncertainty``, ``measured`` (log fold change, NaN where there is none),
        ``p`` and ``responded``, in the order of the prediction.

    Raises
    ------
    DataError
        Fewer than 20 genes are in both, or a table that names TFs names none of them.
    """
    rows = named(measured, species)
    check_tfs(rows, tfs)
    own, rest = _per_gene(rows, tfs)
    reasons = left_out(rows, predicted["symbol"], tfs)
    table = predicted[["gene", "symbol", "change", "uncertainty"]].sort_values("symbol", kind="stable")
    table = table.merge(own, on="symbol", how="inner", validate="one_to_one")
    n_measured = int(table["measured"].notna().sum())
    if n_measured < FEWEST_GENES:
        raise too_few(n_measured, of=len(predicted), reasons=reasons)
    p_called = measured.attrs.get("p") or "p"
    responded, rule = _responders(table, p_called)
    often = None if rest is None else _how_often(rest, table["symbol"])
    table["responded"] = responded
    said, size = table["change"].to_numpy(), table["change"].abs().to_numpy()
    known = table["measured"].notna().to_numpy()
    truth, rng = table["measured"].to_numpy(), np.random.default_rng(seed)
    shuffles = [rng.permutation(len(table)) for _ in range(SHUFFLES)]
    by_chance = [_spearman(said[order][known], truth[known]) for order in shuffles]
    found = Agreement(
        n_genes=len(table),
        n_measured=n_measured,
        spearman=_spearman(said[known], truth[known]),
        spearman_shuffled=_middle(by_chance),
        n_responders=int(responded.sum()),
        rule=rule,
        columns=(*measured.attrs.get("columns", ()), *reasons, *_without_p(table, p_called)),
        **_of_others(table, others),
        **_of_responders(table, size, shuffles, often),
    )
    order = table["change"].abs().sort_values(ascending=False, kind="stable").index
    return found, table.loc[order].reset_index(drop=True)


def _of_others(table: pd.DataFrame, others: pd.DataFrame | None) -> dict[str, Any]:
    """Return the fields of `Agreement` that speak of other TFs."""
    if others is None or others.empty:
        return {}
    said = others.reindex(table["symbol"]).fillna(0.0).to_numpy()
    known, label = table["measured"].notna().to_numpy(), table["responded"].to_numpy()
    truth = table["measured"].to_numpy()[known]
    ranks = [_spearman(one[known], truth) for one in said.T]
    found: dict[str, Any] = {"n_others": len(ranks), "spearman_others": (min(ranks), max(ranks))}
    if 0 < label.sum() < len(label):
        auprc = [average_precision_of_steps(*steps(label, np.abs(one))) for one in said.T]
        found["auprc_others"] = (min(auprc), max(auprc))
    return found


def _of_responders(
    table: pd.DataFrame, size: np.ndarray, shuffles: list[np.ndarray], often: np.ndarray | None
) -> dict[str, Any]:
    """Return the fields of `Agreement` that speak of responders."""
    label = table["responded"].to_numpy()
    found: dict[str, Any] = {}
    sign = np.where(label, np.sign(table["measured"].fillna(0)), 0).astype(int)
    changes = Changes(
        title="measured",
        genes=tuple(table["symbol"]),
        tfs=np.array([0]),
        label=label[None].astype(np.int8),
        sign=sign[None],
        gain=np.array([False]),
        asked=np.ones((1, len(table)), dtype=bool),
    )
    if 0 < label.sum() < len(label):
        found["auprc"] = float(rankings(changes, size[None])[0, 0])
        found["auprc_shuffled"] = _middle([float(rankings(changes, size[order][None])[0, 0]) for order in shuffles])
        if often is not None:
            found["auprc_often"] = float(rankings(changes, often[None].astype(float))[0, 0])
    found |= {"n_up": int((sign > 0).sum()), "n_down": int((sign < 0).sum())}
    signs = sign_measures(changes, np.sign(table["change"].to_numpy())[None])
    if signs:
        found |= {
            "sign": signs["sign_accuracy"],
            "sign_majority": signs["sign_majority"],
            "sign_balanced": signs["sign_balanced"],
            "n_signed": int(signs["n_signed"]),
        }
    return found


def _per_gene(rows: pd.DataFrame, tfs: Collection[str]) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return ``symbol``, ``measured`` and ``p`` of each gene, and the same by ``tf`` of others, if any are named.

    A gene with several rows has the mean of its changes, and the largest of its p-values. A TF by a name that is no
    gene's, such as a control, is another one; where any row names a TF, rows that name none are left out.
    """
    table = rows[rows["symbol"].notna()]
    of_tf = table["tf"] != ""
    ours = table["tf"].isin(tfs) if of_tf.any() else ~of_tf
    found = _by_gene(table[ours], "symbol")
    rest = table[of_tf & ~ours]
    if rest.empty:
        return found.reset_index(), None
    every = sorted(set(table["symbol"]))
    return found.reindex(every).rename_axis("symbol").reset_index(), _by_gene(rest, ["tf", "symbol"])


def _by_gene(rows: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    return rows.groupby(by).agg(measured=("change", "mean"), p=("p", "max"))


def _how_often(others: pd.DataFrame, symbols: pd.Series) -> np.ndarray:
    """Return to how many other TFs each of some genes responded, int64 (genes,).

    Where there are p-values they say it, and a gene without one has not responded; else the rule of the TF itself does.
    """
    if others["p"].notna().any():
        low = others[others["p"] < MOST_P].groupby(level="symbol").size()
        return symbols.map(low).fillna(0).to_numpy(dtype=np.int64)
    times = np.zeros(len(symbols), dtype=np.int64)
    for _, own in others.groupby(level="tf"):
        told = own.droplevel("tf").reindex(symbols)
        if told["measured"].notna().any():
            times += _responders(told, "")[0]
    return times


def _responders(table: pd.DataFrame, p_called: str) -> tuple[np.ndarray, str]:
    """Return which genes responded, and what says so."""
    known = table["measured"].notna().to_numpy()
    low = (table["p"] < MOST_P).to_numpy()
    if low.sum() >= FEWEST:
        return low, f"{p_called} below {MOST_P:g}"
    if known.mean() <= MOST_LISTED and table["p"].isna().all():
        return known, "listed for this TF"
    size = table["measured"].abs().fillna(0)
    n = max(round(LARGEST * int(known.sum())), FEWEST)
    found = (size.rank(method="min", ascending=False) <= n).to_numpy() & (size > 0).to_numpy()
    rule = f"the {f'{LARGEST:z.0%}' if n > FEWEST else n} with the largest change"
    if found.sum() > n:
        rule += f" and {found.sum() - n:,} more that tie with the last of them"
    if table["p"].notna().any():
        few = f"only {low.sum()}" if low.any() else "none"
        rule += f", as {few} of these genes {'have' if low.sum() > 1 else 'has'} {p_called} below {MOST_P:g}"
        rule += f" and {FEWEST} are needed"
    return found, rule


def _without_p(table: pd.DataFrame, p_called: str) -> list[str]:
    """Say how many of the genes with a measured change have no p, where others have one."""
    without = int((table["measured"].notna() & table["p"].isna()).sum())
    if not without or table["p"].isna().all():
        return []
    have, count = ("gene has", "it counts") if without == 1 else ("genes have", "they count")
    return [f"{without:,} of the compared {have} no {p_called} in the table: {count} as not below {MOST_P:g}."]


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(stats.spearmanr(a, b).statistic)


def _middle(values: list[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
