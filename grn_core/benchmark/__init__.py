"""How well methods recover reference networks, beside controls that would unmask a false success."""

from __future__ import annotations
