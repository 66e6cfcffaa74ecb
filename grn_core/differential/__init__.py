"""What differs between the networks of two groups of cells, and how sure that is."""

from __future__ import annotations

from grn_core.differential.all_groups import networks_of_groups
from grn_core.differential.between_groups import compare_groups, groups
from grn_core.differential.comparing import Differential, compared
from grn_core.differential.labellings import Labellings
from grn_core.differential.pairs import Pairs
from grn_core.differential.scorers import InCells, InMeanCell, OfDonors
from grn_core.differential.ways import CONTEXT, N_PERMUTATIONS, ways
from grn_core.differential.words import limit_of, null_in_words

__all__ = [
    "CONTEXT",
    "N_PERMUTATIONS",
    "Differential",
    "InCells",
    "InMeanCell",
    "Labellings",
    "OfDonors",
    "Pairs",
    "compare_groups",
    "compared",
    "groups",
    "limit_of",
    "networks_of_groups",
    "null_in_words",
    "ways",
]
