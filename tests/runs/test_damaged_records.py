"""A bit that flips in any JSON file of a home is told or harmless, and what is asked for again is as it was."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from grn_core import damaged_records, datasets, sums
from grn_core.assets import asset
from grn_core.benchmark.references.uploads import uploaded
from grn_core.cli import main
from grn_core.damaged_records import DOUBTED, damaged
from grn_core.datasets import annotations, catalog, groups, local
from grn_core.datasets import apart as apart_module
from grn_core.datasets.isolation.whole import SUMS
from grn_core.downloads import store as downloads
from grn_core.downloads.fetch import Checked
from grn_core.downloads.manifest import find_archive
from grn_core.errors import DataError, GrnError
from grn_core.files import read_json, write_json
from grn_core.homes import home_of
from grn_core.hub import verify
from grn_core.hub.manifest import checkpoints
from grn_core.models import described, folders
from grn_core.networks.gmt_sets import read_gene_sets
from grn_core.networks.imports.store import store_network
from grn_core.progress import silent
from grn_core.runs import ImportRequest, belongings, manager
from grn_core.settings import at_home, settings
from grn_core.translator import registry as translators
from grn_core.translator.whole import write_sums
from tests.datasets.helpers import cells, saved, table

GENES = ("SPI1", "GATA1", "LYZ", "CD14")
TINY = Path(__file__).resolve().parents[1] / "fixtures" / "scgpt_inproj"
TIMES = 4
"""Bits that are flipped in each file."""
ARCHIVE = "collectri"
AT_WORK = {"status.json", "run.json", "panel.json"}
"""Files of a run, of which `test_damage` says the same."""


@pytest.fixture
def home(grn_home, runs_here, tmp_path):
    """A home that holds a record of every kind; what is asked of it, by the folder of the record."""
    tiny = shutil.copytree(TINY, tmp_path / "tiny")
    shutil.rmtree(grn_home / "cells")  # whose files are links to those of all tests
    data = saved(cells(), tmp_path).read_bytes()
    upload = datasets.store_upload("cells.h5ad", io.BytesIO(data))
    named = datasets.store_genes(GENES, title="mine")
    sha = datasets.describe(upload).sha256
    column = annotations.annotate(sha, ["B", "T"] * 5 + [None, "T"], title="types of mine")
    groups_here = groups.Groups(groups.CellGroup("cell_type", ("B", "T")), groups.CellGroup(column, ("T",)))
    sums.write_summed(groups._path(sha), groups_here.to_json())
    (tmp_path / "asks.csv").write_text(table().to_csv(), encoding="utf-8")
    file = local.file_ref(tmp_path / "asks.csv")
    note = read_json(local._note(file))
    sums.write_summed(local._note(file), {name: value for name, value in note.items() if name != "sum"})
    folders.write_record(folders.FolderRecord("added", "Added", tiny, "scgpt", licence="MIT", card={"n_genes": 200}))
    known = next(iter(checkpoints()))
    sums.write_summed(verify._file(known), {"found": {known.files[0].name: "0" * 64}, "accepted": ["1" * 64]})
    one = find_archive(ARCHIVE)
    one.path.parent.mkdir(parents=True, exist_ok=True)
    one.path.write_bytes(b"rows")
    downloads._write_receipt(one, Checked("0" * 64, (), {}), silent)
    shutil.copytree(asset("translators") / translators.DEFAULT, grn_home / "translators" / "mine")
    write_sums(grn_home / "translators" / "mine")
    sets = grn_home / "gene-sets" / "sets.gmt"
    sets.parent.mkdir()
    sets.write_text("one\tof mine\tSPI1\tGATA1\ntwo\tof mine\tLYZ\tCD14\n", encoding="utf-8")
    network = store_network("net.tsv", io.BytesIO(b"source\ttarget\nSPI1\tLYZ\nGATA1\tCD14\n"))
    run_id = manager.submit(ImportRequest.of(network))
    assert manager.wait(run_id, timeout_s=60).state == "done"
    for path in tiny.iterdir():
        os.utime(path, (0, 0))  # what was written just now may change again: its hash is not kept
    described.description(tiny)
    return SimpleNamespace(
        root=grn_home,
        data=data,
        upload=upload,
        sha=sha,
        column=column,
        ways={
            "uploads": lambda: (list(map(asdict, datasets.list_uploads())), list(map(asdict, datasets.list_genes()))),
            "columns": lambda: (annotations.column_title(column), annotations.find_annotation(column).categories),
            "groups": lambda: groups.groups_of(sha),
            "file": lambda: (local.asks_of(file), local.local_file(file)),
            "models": folders.registered,
            "pulled": lambda: verify._notes(known),
            "downloads": lambda: downloads._read_receipt(one),
            "translator": lambda: translators.record_of("mine"),
            "networks": uploaded,
            "described": lambda: (described.content_sha(tiny), described.description(tiny)),
            "cells": lambda: (datasets.load(upload).sha256, datasets.describe(upload).obs.to_csv()),
            "panel": lambda: panel_of(upload),
            "sets": lambda: {name: sorted(genes) for name, genes in read_gene_sets(sets).items()},
            "list": lambda: datasets.find_genes(named).names,
        },
    )


def panel_of(upload: str):
    """The panel of some cells, asked for again where what was read of them was damaged."""
    with suppress(DataError):
        return datasets.describe(upload).panel(tfs=["SPI1"]).genes
    return datasets.describe(upload).panel(tfs=["SPI1"]).genes


def shown(home) -> dict[str, str]:
    """All that is shown, as a process sees it that has read nothing before."""
    catalog.forget()
    described._described.cache_clear()
    sums.forget()
    found = {}
    for name, way in home.ways.items():
        try:
            found[name] = repr(way())
        except (GrnError, AttributeError) as error:  # the latter of None, where there is no such thing any more
            found[name] = f"error: {error}"
    return found


def flipped(path, draws: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[draws.randrange(len(content))] ^= 1 << draws.randrange(8)
    path.unlink()
    path.write_bytes(content)


def told(path) -> bool:
    """Whether a person hears of a damaged record, on a page or from a command."""
    return path in {one for _, one in damaged()} or bool(translators.damaged())


HARMLESS = {"pulled", "downloads"}
"""What is forgotten where its record is damaged: a checksum that was accepted, and that a file was downloaded."""


def test_a_flipped_bit_in_any_json_file_of_a_home_is_told_or_harmless(home):
    usual, draws = shown(home), random.Random(11)
    assert not any(text.startswith("error") for text in usual.values()), usual
    files = sorted(path for path in home.root.rglob("*.json") if path.name not in AT_WORK)
    rooms = {path.relative_to(home.root).parts[0] for path in files}
    assert rooms >= {"uploads", "groups", "annotations", "files", "models", "data", "translators", "cells", "described"}
    for path in files:
        content, changed = path.read_bytes(), 0
        for _ in range(TIMES):
            flipped(path, draws)
            was_told = told(path)
            now = shown(home)
            other = {name for name in usual if now[name] != usual[name]}
            lost = {name for name in other if now[name] in ("{}",)}
            assert was_told or other <= (HARMLESS & lost), (path, other, now)
            changed += bool(other)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert shown(home) == usual, path


def test_every_json_file_of_a_home_has_a_sum_in_it_or_beside_it(home):
    """But what a reader leaves beside its sums, and the answer of a run, of which the record has the sums."""
    for path in home.root.rglob("*.json"):
        beside = path.parent / SUMS
        own = sums.read_summed(path) is not None
        assert own or (beside.is_file() and path.name in sums.read_summed(beside)["files"]) or path.name == "panel.json"


def test_a_damaged_upload_is_told_can_be_deleted_and_comes_back_with_its_file(home, capsys):
    record = settings().uploads / f"{home.upload}.json"
    record.write_text(record.read_text(encoding="utf-8").replace("cells", "cElls"), encoding="utf-8")
    catalog.forget()
    assert datasets.list_uploads() == []
    with pytest.raises(DataError, match=r"record of an upload is damaged.*upload the file again"):
        datasets.load(home.upload)
    assert main(["datasets", "list"]) == 0
    assert f"({home.upload}) is damaged on the disk: upload the file again" in capsys.readouterr().err
    (one,) = [one for one in belongings.uploads() if one.name == home.upload]
    assert one.n_bytes > len(home.data)
    assert datasets.store_upload("cells.h5ad", io.BytesIO(home.data)) == home.upload
    assert datasets.load(home.upload).sha256 == home.sha
    record.write_text("{", encoding="utf-8")
    belongings.remove_upload(home.upload)
    assert not [path for path in settings().uploads.iterdir() if "genes-" not in path.name]


def test_a_damaged_file_of_an_upload_is_told_and_comes_back_when_it_is_uploaded_again(home):
    (upload,) = datasets.list_uploads()
    path = settings().uploads / upload.file
    flipped(path, random.Random(1))
    catalog.forget()
    sums.forget()
    for open_it in (datasets.load, datasets.describe):
        with pytest.raises(DataError, match=r"file of the upload cells is damaged.*upload the file again"):
            open_it(home.upload)
    assert datasets.store_upload("cells.h5ad", io.BytesIO(home.data)) == home.upload
    assert path.read_bytes() == home.data
    assert datasets.load(home.upload).sha256 == home.sha


def test_a_damaged_title_is_doubted_and_the_genes_and_labels_stay(home):
    genes = next(settings().uploads.glob("genes-*.json"))
    for path in (genes, annotations._path(home.column, ".json")):
        text = path.read_text(encoding="utf-8")
        assert "mine" in text
        path.write_text(text.replace("mine", "fine"), encoding="utf-8")
    (kept,) = datasets.list_genes()
    assert (kept.names, kept.title) == (GENES, f"fine {DOUBTED}")
    assert annotations.column_title(home.column) == f"types of fine {DOUBTED}"
    assert annotations.find_annotation(home.column).categories == ("B", "T")
    datasets.store_genes(GENES, title="mine")
    annotations.annotate(home.sha, ["B", "T"] * 5 + [None, "T"], title="types of mine")
    assert not damaged(damaged_records.LISTS, damaged_records.COLUMNS)
    assert (datasets.list_genes()[0].title, annotations.column_title(home.column)) == ("mine", "types of mine")


def test_a_model_whose_record_is_damaged_can_be_added_again(home):
    path = folders.record_file("added")
    path.write_text(path.read_text(encoding="utf-8").replace("MIT", "MIX"), encoding="utf-8")
    assert folders.registered() == []
    assert not folders.is_listed("added")
    assert [room for room, _ in damaged()] == [damaged_records.MODELS]


def test_damaged_cells_are_read_again_from_their_file(home):
    """Of labels and figures as of the matrix: by the hash of all of it alone a run would be refused for good."""
    files = [path for path in (home.root / "cells").rglob("dataset-*.npy") if path.stat().st_size > 128]
    assert {"dataset-matrix-data.npy", "dataset-obs-0-codes.npy"} <= {path.name for path in files}
    usual, draws = shown(home), random.Random(3)
    for path in files:
        flipped(path, draws)
        assert shown(home) == usual, path.name


def test_records_of_earlier_versions_have_no_sum_and_are_read(home):
    usual = shown(home)
    for path in home.root.rglob("*.json"):
        content = read_json(path)
        if isinstance(content, dict) and path.parent.name in (
            "uploads",
            "groups",
            "annotations",
            "files",
            "registered",
        ):
            content.pop(sums.SUM)
            write_json(path, content)
    assert shown(home) == usual
    assert damaged() == []


def test_a_user_among_others_hears_of_a_damaged_model_of_the_installation_unless_their_own_hides_it(grn_home):
    user = home_of(grn_home, "https://login.example", "ada")
    for place in (grn_home, user):
        (place / "models" / folders.LIST).mkdir(parents=True)
    of_all, own = (place / "models" / folders.LIST / "pulled.json" for place in (grn_home, user))
    of_all.write_text("{", encoding="utf-8")
    with at_home(user):
        assert damaged() == [(damaged_records.MODELS, of_all)]
        folders.write_record(folders.FolderRecord("pulled", "Pulled", user, "scgpt"))
        assert damaged() == []
        own.write_text("{", encoding="utf-8")
        assert damaged() == [(damaged_records.MODELS, own)]


def test_what_the_machine_refuses_just_now_damages_no_cells(home, monkeypatch):
    """Too many open files: nothing is thrown away. Cells that are gone are told as gone."""
    data = datasets.describe(home.upload)
    folder = data.matrix.folder
    refused = OSError(errno.EMFILE, "Too many open files")
    with monkeypatch.context() as patch:
        patch.setattr(apart_module, "check_whole", Mock(side_effect=refused))
        with pytest.raises(OSError, match="Too many open files"):
            data.panel(tfs=["SPI1"])
    assert folder.is_dir()
    shutil.rmtree(folder)
    with pytest.raises(DataError, match="no longer there; what to do: open them again"):
        data.panel(tfs=["SPI1"])
    assert datasets.describe(home.upload).panel(tfs=["SPI1"]).genes == panel_of(home.upload)
