"""Checking folders, naming them, and the manifest of published checkpoints."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys

import pytest

import grn_core
from grn_core import hub as folders
from grn_core.errors import ModelError
from grn_core.hub import manifest
from grn_core.hub.check import add, check, coverage, name_for, stamp
from grn_core.models import registry
from grn_core.models.families import families
from grn_core.models.folders import record_file

FILES = ("args.json", "vocab.json", "best_model.pt")


@pytest.fixture
def mine(tiny, tmp_path):
    """A copy of the tiny checkpoint that a test may damage."""
    folder = tmp_path / "My Checkpoint (1)"
    folder.mkdir()
    for name in FILES:
        shutil.copy(tiny / name, folder / name)
    return folder


def test_a_folder_says_what_it_is(mine):
    report = check(mine)
    assert (report.folder, report.format) == (mine, "scgpt")
    assert report.files == {name: (mine / name).stat().st_size for name in FILES}
    assert report.record.takes_values
    assert report.record.n_genes == 200
    assert report.coverage["human genes"][0] == 200
    assert report.confirmed == ()


@pytest.mark.parametrize("name", ["scfoundation_small", "scbenchmark_small"])
def test_the_other_formats_are_recognised(name, tiny):
    assert check(tiny.parent / name).format == name.partition("_")[0]


def test_the_bundled_model_can_be_checked_by_name():
    report = check("compact")
    assert report.format == "compact"
    some, total = report.coverage["human TFs"]
    assert 1000 < some <= total


def test_a_surplus_tensor_is_found(mine):
    import torch

    tensors = torch.load(mine / "best_model.pt", weights_only=True)
    torch.save(tensors | {"extra.weight": torch.zeros(2)}, mine / "best_model.pt")
    with pytest.raises(ModelError, match=r"extra\.weight"):
        check(mine)


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(ModelError, match="holds no model of a known format"):
        check(tmp_path)
    with pytest.raises(ModelError, match="there is no folder"):
        check(tmp_path / "nothing")
    with pytest.raises(ModelError, match="there is no foundation model 'nothing'"):
        check("nothing")


def test_a_named_folder_is_chosen_like_any_model(mine):
    record = add(mine, name="mine", title="My own")
    assert folders.registered() == [record]
    assert (record.folder, record.format, record.source) == (mine, "scgpt", "")
    listed = {model.name: model for model in registry.records()}
    assert listed["mine"].title == "My own"
    assert listed["mine"].n_genes == 200
    model = grn_core.load_model("mine")
    assert len(model.vocabulary) == 200
    assert check("mine").folder == mine
    folders.forget("mine")
    assert folders.registered() == []
    assert "mine" not in {model.name for model in registry.records()}
    assert mine.is_dir()


def test_a_name_is_made_from_the_folder(mine):
    assert name_for(mine) == "my-checkpoint-1"
    assert add(mine).name == "my-checkpoint-1"


@pytest.mark.parametrize("name", ["../escape", "a b", ".hidden", "x" * 65, ""])
def test_a_name_never_leads_out_of_the_list(name, mine):
    with pytest.raises(ModelError, match="cannot be the name of a model"):
        record_file(name)


def test_names_that_are_taken_are_refused(mine, tiny):
    with pytest.raises(ModelError, match="the name 'compact' is taken"):
        add(mine, name="compact")
    assert add(mine, name="mine").title == "mine", "menus call it what the user did"
    with pytest.raises(ModelError, match="the name 'mine' is taken by"):
        add(tiny, name="mine")
    assert add(mine, name="mine", title="Again").title == "Again"


def test_a_folder_under_the_name_of_a_published_checkpoint_is_compared_with_it(publish, mine):
    publish()
    record = add(mine, name="tiny")
    assert (record.title, record.licence, record.source) == ("Tiny scGPT", "MIT", "")
    assert check("tiny").confirmed == FILES
    with (mine / "vocab.json").open("a") as stream:
        stream.write("\n")
    with pytest.raises(ModelError, match="the checksum of"):
        check("tiny")
    assert sorted(path.name for path in mine.iterdir()) == sorted(FILES)


def test_another_format_under_a_published_name_is_refused(publish, mine):
    publish(format="scfoundation")
    with pytest.raises(ModelError, match="holds a checkpoint of scgpt"):
        add(mine, name="tiny")


def test_a_repository_with_folders_loads_the_one_of_the_model(publish, mine, tmp_path):
    files = tuple(manifest.PublishedFile(f"inner/{name}", None, None) for name in FILES)
    publish(files=files, loads="inner")
    (tmp_path / "repository").mkdir()
    mine.rename(tmp_path / "repository" / "inner")
    record = add(tmp_path / "repository", name="tiny")
    assert record.folder == tmp_path / "repository" / "inner"
    assert check("tiny").folder == record.folder


def test_a_damaged_entry_of_the_list_is_passed_over(mine):
    add(mine, name="mine")
    record_file("broken").write_text("{", encoding="utf-8")
    record_file("odd").write_text("[1]", encoding="utf-8")
    assert [record.name for record in folders.registered()] == ["mine"]


def test_the_folder_of_models_can_be_moved(mine, tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_MODELS", str(tmp_path / "elsewhere"))
    add(mine, name="mine")
    assert record_file("mine").is_relative_to(tmp_path / "elsewhere")
    assert manifest.checkpoint("scgpt-human").folder == tmp_path / "elsewhere" / "scgpt-human"
    monkeypatch.delenv("GRN_MODELS")
    assert folders.registered() == []


def test_a_stamp_changes_with_the_files(mine):
    before = stamp(mine)
    assert stamp(mine) == before
    with (mine / "args.json").open("a") as stream:
        stream.write(" ")
    assert stamp(mine) != before


def test_coverage_knows_aliases_and_orthologs():
    found = coverage(("SPI1", "GATA1", "not a gene"))
    assert found["human genes"][0] == 2
    assert found["human TFs"][0] == 2
    assert found["mouse TFs, through orthologs"][0] == 2


# ------------------------------------------------------------------------------------------------------- the manifest


def test_the_manifest_is_whole():
    known = manifest.checkpoints()
    names = [one.name for one in known]
    assert len(set(names)) == len(names)
    for one in known:
        assert one.format in {family.name for family in families()}
        assert one.files
        assert bool(one.repo) == bool(one.revision)
        assert one.licence
        assert one.notice or one.page
        assert not one.confirmed
        for file in one.files:
            assert file.sha256 is None or len(bytes.fromhex(file.sha256)) == 32
            assert file.size is None or file.size > 0
            assert ".." not in file.name
            assert not file.name.startswith("/")
        if one.loads:
            assert any(file.name.startswith(f"{one.loads}/") for file in one.files)


def test_restricted_weights_are_never_downloaded():
    for name in ("scfoundation", "scbenchmark"):
        assert manifest.checkpoint(name).repo == ""
    assert "non-commercial" in manifest.checkpoint("scfoundation").licence


def test_the_whole_human_checkpoint_is_the_stated_one():
    known = manifest.checkpoint("scgpt-human")
    assert known.repo == "perturblab/scgpt-human"
    stated = {file.name: file.sha256 for file in known.files}
    assert set(stated) == set(FILES)
    assert stated["best_model.pt"] == "6cb5d451ab5c4b33eb673adbe4fddc61d2389df1b89b7651a9fe2e557572b922"
    assert stated["vocab.json"] == "acca93d114ca62c3f0f50debbd23e8c87f0714f4737764454f6b2b13f2e8580f"


def test_an_unknown_checkpoint_is_refused_with_the_known_names():
    with pytest.raises(ModelError, match="there is no published checkpoint 'none'") as caught:
        manifest.checkpoint("none")
    assert "scgpt-human" in caught.value.needed


def test_a_fingerprint_follows_the_manifest(publish):
    publish()
    before = manifest.fingerprint("tiny")
    publish(revision="other")
    assert manifest.fingerprint("tiny") != before
    assert len(before) == len(hashlib.sha256().hexdigest())


def test_reading_the_list_needs_no_torch(mine):
    add(mine, name="mine")
    script = (
        "import json, sys; from grn_core.hub import registered; from grn_core.hub.manifest import checkpoints; "
        "from grn_core.models import registry; "
        "found = [record.name for record in registered()], [model.n_genes for model in registry.records()][-1]; "
        "print(json.dumps([*found, len(checkpoints()) > 0, 'torch' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [["mine"], 200, True, False]
