"""Keep by what edges the collections are known that some tests were gathered from.

    python -m scripts.make_gathered networks --references references

The first folder holds ``regnetwork_human.tsv.gz`` and ``tftargets_*.tsv.gz``, the second BEELINE's networks. Digests
are kept and no names, see `grn_core.benchmark.references.gathered`; what has fewer than `FEWEST` edges between known
genes is left out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from grn_core.assets import asset
from grn_core.benchmark.references.gathered import NON_SPECIFIC, SKETCHES, edges_of, sketch
from grn_core.benchmark.references.reference import read_reference

TITLES = {"regnetwork_human": "RegNetwork"}
FEWEST = 1000


def main() -> None:
    """Write the file of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=Path, metavar="NETWORKS")
    parser.add_argument("--references", type=Path, required=True, metavar="FOLDER")
    asked = parser.parse_args()
    ending = ".tsv.gz"
    paths = [*asked.networks.glob(f"regnetwork_human{ending}"), *sorted(asked.networks.glob(f"tftargets_*{ending}"))]
    texts = {path.name.removesuffix(ending): str(path) for path in paths}
    for path in sorted(asked.references.glob(f"{NON_SPECIFIC}_*{ending}")):
        _, dataset, size = path.name.removesuffix(ending).split("_")
        number = size.removeprefix("TFsplus")
        texts[f"{NON_SPECIFIC} {dataset} TFs+{number}"] = (
            f"beeline:{asked.references}:{dataset}:{NON_SPECIFIC}:{number}"
        )
    found = {}
    for name, text in texts.items():
        edges = edges_of(read_reference(text))
        title = TITLES.get(name, name.replace("_", " "))
        sys.stdout.write(f"{title}: {len(edges):,} edges{'' if len(edges) >= FEWEST else ', left out'}\n")
        if len(edges) >= FEWEST:
            found[title] = sketch(edges)
    with asset("networks").joinpath(SKETCHES[-1]).open("wb") as file:
        np.savez(file, **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
