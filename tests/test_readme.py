"""The README's first example, taken from there and run."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_example_in_python_runs(capsys):
    section = README.read_text(encoding="utf-8").partition("## From Python")[2]
    names = {}
    exec(re.search(r"```python\n(.*?)```", section, re.DOTALL)[1], names)
    edges = names["edges"]
    assert "SPI1" in capsys.readouterr().out
    assert list(edges.columns[:5]) == ["source", "target", "score", "probability", "sign"]
    assert edges["score"].is_monotonic_decreasing
    assert not (edges["source"] == edges["target"]).any()
    assert names["panel"].labels == ("GATA1", "HBB", "LYZ", "SPI1")
