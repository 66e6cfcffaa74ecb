"""What measuring networks against one reference has found, and the sentences that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from grn_core.benchmark.metrics.resampled import FEWEST_TFS
from grn_core.in_words import counted

TABLES = ("table", "curves", "per_tf", "bands", "leads")
"""Fields of `Against` that are kept as tables, the one that says that the others are there first."""


def table_file(name: str) -> str:
    """Return the file in which one of `TABLES` is kept."""
    return f"{name}.parquet"


@dataclass(frozen=True, eq=False)
class Against:
    """Networks beside one reference.

    Attributes
    ----------
    table
        One row per network: ``network``, ``auprc`` (average precision), ``auprc_ratio``, ``auroc``, ``epr`` and the
        universe (``n_sources``, ``n_targets``, ``n_positives``, ``n_pairs``, ``prevalence``); ``auprc_low``,
        ``auprc_high``, ``auroc_low``, ``auroc_high``: 95 % intervals over draws of whole TFs, NaN of fewer than
        `FEWEST_TFS`.
    curves
        ``network``, ``recall``, ``precision``, ``false_positive_rate``; from the strictest threshold on.
    per_tf
        ``network``, ``source``, ``n_positives``, ``prevalence``, ``auprc``.
    bands
        ``network``, ``at``, and the 95 % intervals of the curves: ``precision_low``, ``precision_high`` at this recall,
        ``recall_low``, ``recall_high`` at this false positive rate; no rows without intervals.
    leads
        ``a``, ``b``, ``lead``: AUPRC of the better network minus that of the other; ``low``, ``high``: the interval of
        the difference, both measured in the same draws; a row for every two networks.
    n_draws, seed
        Of the intervals.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    per_tf: pd.DataFrame
    bands: pd.DataFrame
    leads: pd.DataFrame
    n_draws: int
    seed: int

    def renamed(self, names: Mapping[str, str]) -> Against:
        """Return the same with other names of networks, in their order; what has no other name comes last."""
        called = {name: names.get(name, name) for name in self.table["network"]}
        order = {name: place for place, name in enumerate(dict.fromkeys([*names, *self.table["network"]]))}

        def own(table: pd.DataFrame) -> pd.DataFrame:
            ordered = table.iloc[np.argsort(table["network"].map(order).to_numpy(), kind="stable")]
            return ordered.assign(network=ordered["network"].map(called)).reset_index(drop=True)

        leads = self.leads.assign(a=self.leads["a"].map(called), b=self.leads["b"].map(called))
        return replace(
            self,
            table=own(self.table),
            curves=own(self.curves),
            per_tf=own(self.per_tf),
            bands=own(self.bands),
            leads=leads,
        )

    @property
    def words(self) -> list[str]:
        """Say the universe, which network is best and how surely, and what an interval is, a sentence each."""
        first = self.table.iloc[0]
        tfs, edges = (int(first[name]) for name in ("n_sources", "n_positives"))
        universe = (
            f"Universe: {first['n_pairs']:,} common pairs of {tfs:,} {'TF' if tfs == 1 else 'TFs, each'} with an edge "
            f"of the reference among them, and {first['n_targets']:,} targets; "
            f"{edges:,} {'pair is an edge' if edges == 1 else 'pairs are edges'}: a random guess has an AUPRC of "
            f"{first['prevalence']:z.3g}."
        )
        best = self.table.loc[self.table["auprc"].idxmax()]
        sure = bool(np.isfinite(best["auprc_low"]))
        told = f"Best AUPRC: {best['network']} with {best['auprc']:z.3f}"
        told += f" ({best['auprc_low']:z.3f} to {best['auprc_high']:z.3f})" if sure else ""
        behind = self.leads[self.leads["a"] == best["network"]].sort_values("lead", kind="stable")
        if sure and len(behind):
            next_ = behind.iloc[0]
            verdict = "" if next_["low"] > 0 else ", which is no sure difference"
            told += (
                f"; {next_['b']} is {next_['lead']:z.3f} behind ({next_['low']:z.3f} to {next_['high']:z.3f}){verdict}"
            )
        if not sure:
            too_few = counted(int(first["n_sources"]), "TF is", "TFs are")
            few = f"{too_few} too few to draw from ({FEWEST_TFS} are needed)"
            why = few if first["n_sources"] < FEWEST_TFS else "no draws were asked for"
            return [universe, f"{told}.", f"No interval: {why}."]
        how = f"Intervals: 95 %, over {self.n_draws:,} draws of whole TFs with replacement (seed {self.seed})"
        return [universe, f"{told}.", f"{how}; how far another reference would give the same is not in them."]
