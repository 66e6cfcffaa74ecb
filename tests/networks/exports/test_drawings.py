"""Pictures and the standalone page: every gene by its name, whatever it is; the same bytes; not too many edges."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from grn_core.cli import main
from grn_core.networks.exports import EXPORTS, network_of
from tests.networks.toy import scored_edges, toy_edges
from tests.pages.fabricated_run import fabricate_run

DRAWINGS = [name for name, record in EXPORTS.items() if record.is_drawing]
HOSTILE = ("$x_1$", "</script><script>alert(1)</script>", "<!--DATA-->", "A&B", "R\\1", "it's", "\u2028", "%s{}")


def hostile_edges() -> pd.DataFrame:
    pairs = [(HOSTILE[0], target) for target in HOSTILE[1:]] + [(HOSTILE[1], HOSTILE[0])]
    return pd.DataFrame(pairs, columns=["source", "target"]).assign(score=np.arange(len(pairs), 0.0, -1.0), sign=1)


def texts(svg: bytes) -> list[str]:
    root = ET.fromstring(svg)
    return ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]


def data_of(page: bytes) -> dict:
    found = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page.decode("utf-8"), re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def test_the_page_holds_every_edge_and_asks_for_nothing():
    page = EXPORTS["html"].write(network_of(hostile_edges()))
    drawn = [(edge["from"], edge["to"]) for edge in data_of(page)["edges"]]
    assert sorted(drawn) == sorted(zip(hostile_edges()["source"], hostile_edges()["target"], strict=True))
    own, other = (text.decode("utf-8") for text in (page, EXPORTS["html"].write(network_of(toy_edges()))))
    assert own.count("<script") == other.count("<script")
    assert "default-src 'none'" in own
    assert not re.search(r"<(?:link|img|iframe)|\ssrc=", re.sub(r"<script.*?</script>", "", own, flags=re.DOTALL))


def test_a_picture_shows_every_name_as_it_is():
    shown = texts(EXPORTS["svg"].write(network_of(hostile_edges())))
    assert {name.strip() for name in HOSTILE} - {""} <= {one.strip() for one in shown}


def test_a_picture_says_what_its_colours_are():
    signed = texts(EXPORTS["svg"].write(network_of(toy_edges())))
    assert {"TF", "other gene", "activates", "represses", "thicker: more probable"} <= set(signed)
    plain = texts(EXPORTS["svg"].write(network_of(scored_edges(signed=False))))
    assert not {"activates", "represses"} & set(plain)
    assert "thicker: higher score" in plain


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.thorough if one in ("pdf", "report") else ()) for one in DRAWINGS]
)  # a report and figures as PDF are told to be the same bytes where they are made
def test_the_same_network_is_the_same_bytes_and_places_count(name):
    network = network_of(toy_edges())
    assert EXPORTS[name].write(network) == EXPORTS[name].write(network_of(toy_edges()))
    genes = sorted({*network.edges["source"], *network.edges["target"]})
    placed = replace(network, positions={gene: (3.0 * place, 0.0) for place, gene in enumerate(genes)})
    assert EXPORTS[name].write(placed) != EXPORTS[name].write(network)


def test_pictures_are_what_they_are_called():
    network = network_of(toy_edges())
    with Image.open(io.BytesIO(EXPORTS["png"].write(network))) as image:
        assert image.format == "PNG"
        assert min(image.size) > 500
        assert len(image.convert("RGB").getcolors(1 << 20)) > 10
    assert EXPORTS["pdf"].write(network).startswith(b"%PDF-")


@pytest.mark.parametrize("name", DRAWINGS)
def test_an_empty_network_is_drawn(name):
    network = network_of(toy_edges())
    assert EXPORTS[name].write(replace(network, edges=network.edges.iloc[:0]))


def test_too_many_edges_are_refused_in_words(monkeypatch, grn_home, tmp_path, capsys):
    run = fabricate_run(seed=3)
    monkeypatch.setenv("GRN_MAX_GRAPH_EDGES", "100")
    assert main(["export", run, "-o", str(tmp_path / "n.svg")]) == 2
    assert "174 edges, too many" in capsys.readouterr().err
    assert not list(tmp_path.glob("n*"))
    assert main(["export", run, "-o", str(tmp_path / "n.svg"), "--top", "20"]) == 0
    assert ET.parse(tmp_path / "n.svg").getroot().tag.endswith("svg")
