"""Which sets of genes are over-represented among some genes: the hypergeometric test, with its universe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grn_core.errors import GeneError

LEAST = 3
"""Genes of a set that must be in the universe: of fewer a test says nothing."""
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
        shared ones, in the order chosen.
    n_chosen, n_universe
        Chosen genes in the universe, and the genes of the universe.
    n_left_out
        Chosen genes that no set holds, and that take no part.
    n_sets
        Sets that were tested.
    """

    table: pd.DataFrame
    n_chosen: int
    n_universe: int
    n_left_out: int
    n_sets: int

    @property
    def words(self) -> str:
        """The universe and what was chosen in it, in a sentence."""
        left = f"; {self.n_left_out:,} chosen genes are in no set and take no part" if self.n_left_out else ""
        return (
            f"{self.n_chosen:,} genes against {self.n_sets:,} sets, in a universe of {self.n_universe:,} genes that "
            f"could have been chosen and that some set holds{left}."
        )


def enrichment(
    genes: Iterable[str], sets: Mapping[str, Collection[str]], *, universe: Collection[str], least: int = LEAST
) -> Enrichment:
    """Test every set for more of the chosen genes than chance would give.

    Parameters
    ----------
    genes
        The chosen genes, the best first; canonical symbols.
    sets
        Name -> genes, canonical symbols.
    universe
        The genes that could have been chosen. Of these, only those that some set holds count: a gene that nobody has
        put into any set cannot be found in one, and would make every set look enriched.
    least
        Genes of a set in the universe below which it is not tested.

    Raises
    ------
    GeneError
        None of the chosen genes is in the universe, or no set has enough genes there.
    """
    from scipy import stats

    known = set().union(*sets.values()) & set(universe) if sets else set()
    wanted = list(dict.fromkeys(genes))
    chosen = [gene for gene in wanted if gene in known]
    inside = {name: known.intersection(members) for name, members in sets.items()}
    tested = {name: members for name, members in inside.items() if len(members) >= max(least, 1)}
    if not chosen or not tested:
        message = f"{len(chosen):,} of {len(wanted):,} genes, and {len(tested):,} of {len(sets):,} sets can be tested"
        needed = f"genes that some set holds, and sets with {least} genes among those that could be chosen"
        raise GeneError(message, needed=needed, todo="choose other genes, or other sets")
    names = sorted(tested)
    size = np.array([len(tested[name]) for name in names])
    shared = [[gene for gene in chosen if gene in tested[name]] for name in names]
    overlap = np.array([len(one) for one in shared])
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
            "genes": [", ".join(one) for one in shared],
        }
    )[list(COLUMNS)]
    table = table.sort_values(["p", "fold", "set"], ascending=[True, False, True], ignore_index=True)
    return Enrichment(table, len(chosen), len(known), len(wanted) - len(chosen), len(names))
