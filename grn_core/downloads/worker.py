"""``python -m grn_core.downloads.worker NAME [SHA256]``: the process that `background.start` starts."""

from __future__ import annotations

import sys

from grn_core.downloads.background import work
from grn_core.downloads.store import pull


def main(name: str, accept: str | None = None) -> None:
    """Download the archive `name`, writing its state file; `accept` as for `pull`."""
    work(name, lambda progress: pull(name, accept=accept, progress=progress))


if __name__ == "__main__":
    main(*sys.argv[1:3])
