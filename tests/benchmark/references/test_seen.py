"""What is said where networks are measured against edges that their translators were shown."""

from __future__ import annotations

import pandas as pd

from grn_core.benchmark.references.reference import read_reference
from grn_core.benchmark.references.seen import WARNING, seen_in_words

KNOWING = "beeline-hesc-string-omnipath"


def test_edges_that_are_known_beside_were_seen():
    edges = read_reference("omnipath").edges
    new = pd.DataFrame({"source": ["SPI1"], "target": ["NO SUCH GENE"]})
    said = seen_in_words({"mine": [KNOWING], "other": ["beeline-hesc-string"], "gone": ["no such translator"]}, edges)
    assert said.startswith(f"{WARNING} mine: ")
    of_mine, of_other = (int(part.split()[-3].replace(",", "")) for part in said.rstrip(".").split("; "))
    assert len(edges) / 2 < of_mine < len(edges)
    assert 0 < of_other < len(edges) / 20, "the few that are in both"
    assert seen_in_words({"mine": [KNOWING]}, new) == ""


def test_a_consensus_has_seen_what_any_of_its_networks_has():
    edges = read_reference("omnipath").edges
    alone, both = (seen_in_words({"joined": names}, edges) for names in ([KNOWING], ["beeline-hesc-string", KNOWING]))
    of_one, of_all = (int(said.split()[-3].replace(",", "")) for said in (alone, both))
    assert of_one <= of_all <= len(edges)
    assert seen_in_words({"joined": ["no such translator", KNOWING]}, edges) == alone
    assert seen_in_words({"joined": []}, edges) == ""
