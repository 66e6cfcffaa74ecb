"""Pair features from a frozen foundation model."""

from __future__ import annotations

from grn_core.extractors.records import ExtractorRecord
from grn_core.extractors.registry import EXTRACTORS, IN_WORDS, called, check_extractors, extractors_of

__all__ = ["EXTRACTORS", "IN_WORDS", "ExtractorRecord", "called", "check_extractors", "extractors_of"]
