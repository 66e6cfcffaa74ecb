"""How well scores rank edges."""

from __future__ import annotations
