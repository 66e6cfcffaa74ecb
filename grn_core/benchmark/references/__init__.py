"""Reference networks: those of BEELINE, the bundled one, Boolean models, the user's own."""

from __future__ import annotations
