"""Pair features from a frozen foundation model."""

from __future__ import annotations

from grn_core.extractors.records import EXTRACTORS, ExtractorRecord

__all__ = ["EXTRACTORS", "ExtractorRecord"]
