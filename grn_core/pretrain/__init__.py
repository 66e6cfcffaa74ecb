"""The recipe that made the compact model."""

from __future__ import annotations
