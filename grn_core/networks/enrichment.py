"""Which sets of genes are over-represented among some genes: the hypergeometric test, with its universe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grn_core.errors import GeneError

LEAST = 3
"""Genes of a set that must be in the universe: of fewer a test says nothing."""
NAMED = 5
"""Sets that are not tested and are named."""
COLUMNS = ("set", "overlap", "share", "precision_at_k", "chance", "fold", "size", "p", "p_adjusted", "genes")


@dataclass(frozen=True, eq=False)
class Enrichment:
    """What is over-represented among some genes.

    Attributes
    ----------
    table
        One row a set of which `LEAST` genes are in the universe, the smallest p first: ``set``; ``overlap``, how many
        of the chosen genes are in it; ``share``, of the chosen genes that take part; ``precision_at_k``, of all k
        chosen ones, those that no set holds among them; ``chance``, the share of the set in the universe, which a
        random choice would have; ``fold``, share over chance; ``size``, genes of the set in the universe; ``p`` of the
        hypergeometric test (at least so many); ``p_adjusted`` (Benjamini-Hochberg over these sets); ``genes``, the
        shared ones by their labels, in the order chosen.
    n_chosen, n_universe
        Chosen genes in the universe, and the genes of the universe.
    n_left_out
        Chosen genes that are not in the universe, and take no part.
    n_sets
        Sets that were tested.
    untested
        Names of the sets that have too few genes in the universe.
    only_held
        Whether the universe holds only genes that some set holds.
    """

    table: pd.DataFrame
    n_chosen: int
    n_universe: int
    n_left_out: int
    n_sets: int
    untested: tuple[str, ...]
    only_held: bool

    @property
    def words(self) -> str:
        """What was chosen, the universe, and what took no part, in a sentence or two."""
        held = " and that some set holds" if self.only_held else ""
        left, why = f"{self.n_left_out:,} chosen", "in no set" if self.only_held else "not among them"
        one = self.n_left_out == 1
        left = f"; {left} {'gene is' if one else 'genes are'} {why} and {'takes' if one else 'take'} no part"
        return (
            f"{self.n_chosen:,} {'gene' if self.n_chosen == 1 else 'genes'} against {self.n_sets:,} "
            f"{'set' if self.n_sets == 1 else 'sets'}, in a universe of {self.n_universe:,} genes that could have been "
            f"chosen{held}{left if self.n_left_out else ''}.{self._untested}"
        )

    @property
    def _untested(self) -> str:
        if not self.untested:
            return ""
        n, one = len(self.untested), len(self.untested) == 1
        have, take = ("set has", "takes") if one else ("sets have", "take")
        named = ", ".join(self.untested[:NAMED]) + (" and more" if n > NAMED else "")
        whose = "" if self.only_held else f": {named}"
        return f" {n:,} {have} fewer than {LEAST} genes there and {take} no part{whose}."


def enrichment(
    genes: Iterable[str],
    sets: Mapping[str, Collection[str]],
    *,
    universe: Collection[str],
    only_held: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Enrichment:
    """Test every set for more of the chosen genes than chance would give.

    Parameters
    ----------
    genes
        The chosen genes, the best first; canonical symbols.
    sets
        Name -> genes, canonical symbols.
    universe
        The genes that could have been chosen; canonical symbols.
    only_held
        Whether only those of them count that some set holds. So it must be where the sets are all that somebody knows
        of genes: a gene that nobody has looked at cannot be found in any, and would make every set look enriched. A few
        sets that were put together for a question say of every gene whether it is in them; what they hold together is
        no universe (of a single set it would be the set, and its p always 1).
    labels
        Canonical symbol -> what the table calls a gene; the symbol where it has none.

    Raises
    ------
    GeneError
        None of the chosen genes is in the universe, or no set has enough genes there.
    """
    from scipy import stats

    held: set[str] = set().union(*sets.values())
    known = held & set(universe) if only_held else set(universe)
    wanted = list(dict.fromkeys(genes))
    chosen = [gene for gene in wanted if gene in known]
    inside = {name: known.intersection(members) for name, members in sets.items()}
    tested = {name: members for name, members in inside.items() if len(members) >= LEAST}
    if not chosen or not tested:
        message = f"{len(chosen):,} of {len(wanted):,} genes, and {len(tested):,} of {len(sets):,} sets can be tested"
        needed = f"genes that some set holds, and sets with {LEAST} genes among those that could be chosen"
        raise GeneError(message, needed=needed, todo="choose other genes, or other sets")
    names = sorted(tested)
    size = np.array([len(tested[name]) for name in names])
    shared = [[gene for gene in chosen if gene in tested[name]] for name in names]
    overlap = np.array([len(one) for one in shared])
    shown = dict(labels or {})
    p = stats.hypergeom.sf(overlap - 1, len(known), size, len(chosen))
    share, chance = overlap / len(chosen), size / len(known)
    table = pd.DataFrame(
        {
            "set": names,
            "overlap": overlap,
            "share": share,
            "precision_at_k": overlap / len(wanted),
            "chance": chance,
            "fold": share / chance,
            "size": size,
            "p": p,
            "p_adjusted": stats.false_discovery_control(np.clip(p, 0.0, 1.0)),
            "genes": [", ".join(shown.get(gene) or gene for gene in one) for one in shared],
        }
    )[list(COLUMNS)]
    table = table.sort_values(["p", "fold", "set"], ascending=[True, False, True], ignore_index=True)
    return Enrichment(
        table,
        n_chosen=len(chosen),
        n_universe=len(known),
        n_left_out=len(wanted) - len(chosen),
        n_sets=len(names),
        untested=tuple(sorted(set(sets) - set(tested))),
        only_held=only_held,
    )
