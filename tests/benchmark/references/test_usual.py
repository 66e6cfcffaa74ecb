"""What a translator is trained on unless something else is named."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from grn_core.benchmark.references.reference import read_reference
from grn_core.benchmark.references.usual import BUNDLED, title_of, usual_extractors, usual_training
from grn_core.cli.parser import requests_of
from grn_core.models.registry import record_of as model_of
from grn_core.translator.registry import DEFAULT, record_of, training_command

CARD = record_of(DEFAULT).card


@pytest.fixture(params=["networks", "C:networks"])
def networks(tmp_path, monkeypatch, request):
    """A folder of BEELINE's networks, as the settings name one; its name may hold a colon."""
    folder = tmp_path / request.param
    folder.mkdir()
    for one in CARD["training"]:
        if not one.get("beside"):
            dataset, network, size = one["reference"].replace("TFs+", "").split()
            path = folder / f"{network}_{dataset}_TFsplus{size}.tsv.gz"
            pd.DataFrame({"tf": ["GATA1"], "target": ["KLF1"]}).to_csv(path, sep="\t", index=False)
    monkeypatch.setenv("GRN_DATA", str(folder))
    return folder


def asked(command: str):
    (request,) = requests_of(command.split()[3:])
    return request


def test_one_command_trains_on_what_the_default_was_trained_on(networks):
    usual = usual_training()
    assert not usual.missing
    assert not usual.in_words
    read = [read_reference(text).name for text in (*usual.references, *usual.beside)]
    assert read == [one["reference"] for one in CARD["training"]]
    assert len(usual.beside) == sum(bool(one.get("beside")) for one in CARD["training"])
    assert [title_of(text) for text in usual.references] == ["STRING, hESC, TFs+500 (BEELINE)"]
    request = asked(training_command("compact"))
    assert (request.references, request.beside) == (usual.references, usual.beside)
    assert sorted(request.extractors) == CARD["ensemble"]


def test_without_its_networks_the_bundled_one_takes_their_place_and_it_is_said():
    usual = usual_training()
    assert (usual.references, usual.beside) == ((BUNDLED,), ())
    assert all(one["reference"] in usual.in_words for one in CARD["training"] if not one.get("beside"))
    request = asked(training_command("compact"))
    assert (request.references, request.beside) == ((BUNDLED,), ())
    assert sorted(request.extractors) == CARD["ensemble"]


def test_what_is_named_is_taken(networks):
    request = asked(f"{training_command('compact')} --reference=omnipath --extractors=vvp")
    assert (request.references, request.beside, request.extractors) == (("omnipath",), (), ("vvp",))


def test_of_the_extractors_of_the_default_those_that_a_model_can_serve():
    assert sorted(usual_extractors(model_of("compact"))) == CARD["ensemble"]
    whole = model_of("compact")
    steep = replace(whole, offers=tuple(one for one in whole.offers if one != "tangent"))
    assert set(usual_extractors(steep)) == set(usual_extractors(whole)) - {"gdt"}
