"""One plan: what is left open is resolved in one way, and a plan of a plan's own answers is the same plan."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grn_core.adapt import AdaptOptions
from grn_core.errors import GrnError
from grn_core.planning import plan, translators_for
from grn_core.translator.registry import DEFAULT


def test_what_is_left_open_is_resolved():
    found = plan("compact")
    assert (found.model, found.background, found.readout) == ("compact", "virtual", None)
    assert found.translator.name == DEFAULT
    assert (found.extractors, found.seeds) == (found.translator.ensemble, found.translator.seeds)
    assert {"gdt", "vvp"} <= set(found.extractors)
    assert found.reads == found.translator.readout
    assert plan("compact", extractors=(*found.extractors[::-1], "vvp"), adapt=AdaptOptions(steps=0)) == found


@pytest.mark.parametrize("name", [record.name for record in translators_for("compact")])
def test_a_plan_of_its_own_answers_is_the_same_plan(name):
    first = plan("compact", translator=name)
    again = plan(
        first.model,
        translator=first.translator.name,
        extractors=first.extractors,
        seeds=first.seeds,
        readout=first.readout,
        background=first.background,
    )
    assert again == first


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"background": "none"}, "unknown background"),
        ({"translator": "nobody"}, "nobody"),
        ({"seeds": (99,)}, "no seed 99"),
        ({"readout": "nope"}, "no readout 'nope'"),
        ({"background": "context", "has_cells": False, "readout": "plain"}, "."),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, words):
    with pytest.raises(GrnError, match=words):
        plan("compact", **asked)


def test_planning_needs_no_torch():
    script = "import sys; from grn_core.planning import plan; plan(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
