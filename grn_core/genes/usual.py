"""What regulons are taken where nobody says which: names and numbers alone, for those who must not load a table."""

from __future__ import annotations

OMNIPATH = "omnipath"
"""Name of the bundled network of curated human TF-target edges."""
N_TARGETS = 50
"""Best targets of each TF that are its regulon, where a network ranks them."""
MIN_TARGETS = 5
"""A TF of which the cells express fewer targets is left out, as decoupler does."""
