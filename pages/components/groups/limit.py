"""What so few donors or permutations cannot find, in the same words before a run and first in its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.components.shared.messages import plain

if TYPE_CHECKING:
    from grn_core.differential.words import Limit


def limit_shown(limit: Limit) -> str:
    """Return it as Markdown, what cannot be found in bold."""
    return f"**{plain(limit.said)}**: {plain(limit.why)}. {plain(limit.helps)}"
