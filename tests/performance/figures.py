"""Figures that docs/performance.md is made from: `FIGURES=assets/speed.json` before a measurement keeps them there."""

from __future__ import annotations

import json
import os
from pathlib import Path

from grn_core.settings import cores


def note(what: str, figure: str, *, aim: str) -> None:
    """Print a figure and, where a file is named for it, put it there in the place of the one that it replaces.

    Parameters
    ----------
    what
        What was measured; decides which line of the table it is.
    figure, aim
        What came out, and what it is to be.
    """
    print(f"\n{what}: {figure} (aim {aim})", end="")
    if file := os.environ.get("FIGURES"):
        path = Path(file)
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
        on = f"{cores()} cores, {os.getloadavg()[0]:.0f} at work"
        row = {"what": what, "figure": figure, "aim": aim, "machine": on}
        kept = {one["what"]: one for one in rows} | {what: row}
        path.write_text(json.dumps({"rows": list(kept.values())}, indent=1) + "\n", encoding="utf-8")
