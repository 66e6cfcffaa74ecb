"""Keep, beside each bundled translator, which edges it was trained on: ``python -m scripts.make_seen FOLDER``.

FOLDER holds BEELINE's reference networks. Digests are kept and no names, so that a page can say of an edge whether it
was seen in training where the networks themselves are not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grn_core.benchmark.references.known import write_seen
from grn_core.benchmark.references.leakage import training_parts
from grn_core.translator import registry


def main() -> None:
    """Write the file of every bundled translator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    for record in registry.records():
        parts, missing = training_parts(record.card, folder=folder)
        if missing:
            sys.exit(f"{record.name}: {', '.join(missing)} is not in {folder}")
        edges = frozenset().union(*(part.edges for part in parts))
        write_seen(registry.folder_of(record.name), edges)
        sys.stdout.write(f"{record.name}: {len(edges):,} edges\n")


if __name__ == "__main__":
    main()
