"""What a translator of a model can be asked, told from their records."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from grn_core.errors import RequestError, TranslatorError
from grn_core.models.registry import record_of
from grn_core.translator import registry
from grn_core.translator.compatibility import check, readouts_for, shows_cells

MODEL = record_of("compact")
HIDING = registry.record_for("omnipath", model="compact")
SHOWING = replace(HIDING, name="seen", readout="plain", card={**HIDING.card, "readout": "plain"})
ASKED = {"extractors": ("vvp", "gdt"), "seeds": (0, 1), "readout": None, "background": "virtual", "has_cells": True}


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(registry, "records", lambda: (HIDING, SHOWING))


def test_the_background_decides_which_readouts_serve():
    assert readouts_for(MODEL, background="virtual") is None
    assert readouts_for(MODEL, background="virtual", readout="masked") == ("masked",)
    assert readouts_for(MODEL, background="context") == ("plain",)
    assert readouts_for(MODEL, background="context", readout="plain") == ("plain",)
    assert not shows_cells(HIDING, MODEL)
    assert shows_cells(SHOWING, MODEL)


def test_a_readout_that_hides_the_background_or_is_none_is_refused():
    with pytest.raises(RequestError, match=r"'masked' hides every gene but the TF.*needed: the readout plain"):
        readouts_for(MODEL, background="context", readout="masked")
    with pytest.raises(RequestError, match="no readout 'nope'; needed: one of conditions, masked, plain"):
        readouts_for(MODEL, background="virtual", readout="nope")
    blind = replace(MODEL, readouts=("masked",))
    with pytest.raises(RequestError, match=r"every readout of .* hides every gene but the TF") as caught:
        readouts_for(blind, background="context")
    assert caught.value.needed == "a model with a readout that shows the other genes"
    open_twice = replace(MODEL, readouts=("masked", "plain", "pooled"))
    with pytest.raises(RequestError) as caught:
        readouts_for(open_twice, background="context", readout="masked")
    assert caught.value.needed == "the readout plain or pooled"


@pytest.mark.parametrize("translator", [HIDING, SHOWING])
def test_what_a_translator_has_learnt_passes(translator, known):
    check(translator, MODEL, **ASKED)
    check(translator, MODEL, **ASKED | {"readout": translator.readout, "seeds": None, "extractors": ("gdt",)})


def test_the_cells_may_be_the_background_of_one_that_shows_them(known):
    check(SHOWING, MODEL, **ASKED | {"background": "context"})


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"extractors": ("vvp", "foo")}, RequestError, r"no extractor 'foo'; needed: one or more of vvp, gdt"),
        ({"extractors": ()}, RequestError, "no extractor was named"),
        ({"seeds": (0, 7)}, TranslatorError, "'omnipath' has no seed 7; needed: one or more of 0, 1, 2, 3, 4"),
        ({"readout": "nope"}, RequestError, "no readout 'nope'"),
        ({"readout": "plain"}, TranslatorError, r"reads the model's readout 'masked'.*not 'plain'; needed: .*: seen"),
        ({"background": "context"}, TranslatorError, r"'masked', which hides every gene but the TF; needed: .*: seen"),
        ({"background": "context", "has_cells": False}, RequestError, "'context' was asked for without cells"),
    ],
)
def test_what_it_has_not_learnt_is_refused_with_what_fits(options, error, words, known):
    with pytest.raises(error, match=words) as caught:
        check(HIDING, MODEL, **ASKED | options)
    assert caught.value.todo


def test_a_kind_that_it_has_not_learnt_is_refused(known):
    with pytest.raises(TranslatorError, match="'omnipath' has not learnt to read vvp; needed: one or more of gdt"):
        check(replace(HIDING, extractors=("gdt",)), MODEL, **ASKED)


def test_where_none_fits_the_command_that_trains_one_is_named(monkeypatch):
    monkeypatch.setattr(registry, "records", lambda: (HIDING,))
    command = re.escape("train-translator --model compact --readout plain --name mine")
    with pytest.raises(TranslatorError, match=command):
        check(HIDING, MODEL, **ASKED | {"background": "context"}, called="compact")
    with pytest.raises(TranslatorError, match=command):
        registry.default_for(HIDING.model_sha, model="compact", readouts=("plain",))
    monkeypatch.setattr(registry, "records", lambda: (HIDING, SHOWING))
    assert registry.default_for(HIDING.model_sha, readouts=("plain",)) == "seen"
    assert registry.default_for(HIDING.model_sha) == "omnipath"


def test_what_is_needed_is_said_where_none_fits(monkeypatch):
    monkeypatch.setattr(registry, "records", lambda: (HIDING,))
    open_twice = replace(MODEL, readouts=("masked", "plain", "pooled"))
    with pytest.raises(TranslatorError) as caught:
        check(HIDING, open_twice, **ASKED | {"background": "context"})
    assert caught.value.needed == "a translator that reads plain or pooled"
    assert "--model FOLDER --readout plain" in caught.value.todo


def test_extractors_that_need_cells_are_refused_without(known):
    """Perturbation is read in measured cells in every model; attention only in one that reads an order of genes."""
    learnt = replace(HIDING, extractors=("attn", "pert"))
    ordered = replace(MODEL, offers=("attention", "embedding"))
    asked = ASKED | {"extractors": ("pert",)}
    check(learnt, MODEL, **asked)
    with pytest.raises(RequestError, match="read at the mean of measured cells, and there are none"):
        check(learnt, MODEL, **asked | {"has_cells": False})
    asked = ASKED | {"extractors": ("attn",)}
    check(learnt, ordered, **asked)
    check(learnt, MODEL, **asked | {"has_cells": False})
    with pytest.raises(RequestError, match="read at the mean of measured cells, and there are none"):
        check(learnt, ordered, **asked | {"has_cells": False})


def test_the_extractors_that_were_learnt_are_listed(known):
    learnt = replace(HIDING, extractors=("attn", "emb"))
    with pytest.raises(TranslatorError) as caught:
        check(learnt, MODEL, **ASKED)
    assert caught.value.found.endswith("has not learnt to read vvp, gdt")
    assert caught.value.needed == "one or more of attn, emb"


def test_it_is_known_without_torch():
    script = "import sys, grn_core.translator.compatibility; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
