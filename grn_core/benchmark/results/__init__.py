"""Results as tables, and what they say."""

from __future__ import annotations
