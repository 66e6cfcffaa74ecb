"""The translator: from the pair feature to the probability that the source regulates the target."""

from __future__ import annotations
