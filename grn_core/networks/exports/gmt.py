"""Regulons as gene sets: for GSEA, AUCell and whatever reads GMT."""

from __future__ import annotations

import re

from grn_core.networks.exports.records import Export, Network

MARKS = {1: "(+)", -1: "(-)", 0: ""}
"""What stands behind a TF whose targets it activates or represses, as pySCENIC calls its regulons."""
_CUTS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


def write(network: Network) -> bytes:
    """Write a line a regulon: its name, a description, its targets with the best first; TFs in the order of their best.

    The targets that a TF activates, that it represses, and those without a sign are regulons of their own.
    """
    lines = []
    table = network.edges
    for source, own in table.groupby("source", sort=False):
        for sign, mark in MARKS.items():
            targets = own.loc[own["sign"] == sign, "target"].map(_plain).tolist()
            if targets:
                words = f"{len(targets)} target{'' if len(targets) == 1 else 's'}"
                lines.append("\t".join([f"{_plain(str(source))}{mark}", words, *targets]))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _plain(name: str) -> str:
    """Put a blank where a character would cut the line."""
    return _CUTS.sub(" ", name)


RECORD = Export("gmt", "Regulons as gene sets (GMT: GSEA, AUCell)", ".gmt", "text/plain", write)
