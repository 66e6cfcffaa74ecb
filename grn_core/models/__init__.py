"""Foundation models: one interface, one module a model family, a registry of what there is."""

from __future__ import annotations
