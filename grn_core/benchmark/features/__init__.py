"""What methods score pairs by: features, attention, co-expression, corpus, degree; kept on disk by content."""

from __future__ import annotations
