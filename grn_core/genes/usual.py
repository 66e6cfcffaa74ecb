"""What regulons are taken where nobody says which, and how networks are joined: for those who must not load a table."""

from __future__ import annotations

from typing import NamedTuple

OMNIPATH = "omnipath"
"""Name of the bundled network of curated human TF-target edges."""
N_TARGETS = 50
"""Best targets of each TF that are its regulon, where a network ranks them."""
MIN_TARGETS = 5
"""A TF of which the cells express fewer targets is left out, as decoupler does."""

BORDA, MEAN = "borda", "calibrated-mean"


class Joining(NamedTuple):
    """What a way to put networks together is called; what it does is in `grn_core.networks.consensus`."""

    title: str
    """In lists of runs."""
    made: str
    """The run that it makes, before "of so many runs"."""
    joins: str
    """What of the networks it joins."""
    by: str
    """How it joins that."""
    score: str
    """Heading of its scores."""
    about: str
    """What its scores are, on the command line."""


JOININGS = {
    BORDA: Joining(
        title="Borda consensus",
        made="Consensus",
        joins="the ranks",
        by="Borda's count",
        score="Share of points",
        about="the mean share of the points",
    ),
    MEAN: Joining(
        title="Mean probability",
        made="Mean probability",
        joins="the calibrated probabilities",
        by="their mean",
        score="Mean probability",
        about="the mean of the probabilities that all runs have",
    ),
}
"""The ways by their names; the first is taken where nobody says which."""
