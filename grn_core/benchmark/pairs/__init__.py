"""Which pairs are asked: negatives and splits."""

from __future__ import annotations
