"""A record that holds the content of another, or none, stands for nothing, is told, and comes back when asked for."""

from __future__ import annotations

import io
import json
import shutil

import pytest

from grn_core import datasets
from grn_core.cli import main
from grn_core.damaged_records import COLUMNS, DOUBTED, LISTS, MODELS, UPLOADS, damaged
from grn_core.datasets import annotations
from grn_core.errors import DataError
from grn_core.models import folders
from grn_core.runs import belongings
from grn_core.settings import settings
from tests.datasets.helpers import table

LABELS = ["B", "T"] * 6
ROOMS = {"upload": UPLOADS, "list": LISTS, "column": COLUMNS, "model": MODELS}


def ask(kind: str, *, second: bool) -> str:
    """Make one of two records of a kind, and return its name."""
    if kind == "upload":
        content = table().iloc[: 11 if second else 12].to_csv().encode()
        return datasets.store_upload(f"{second}.csv", io.BytesIO(content))
    if kind == "list":
        return datasets.store_genes(("GATA1", "TAL1") if second else ("SPI1", "LYZ"))
    if kind == "column":
        return (
            annotations.annotate("0" * 64, LABELS, title="types")
            if not second
            else annotations.annotate("0" * 64, LABELS[::-1], title="others")
        )
    folder = settings().home / f"weights-{second}"
    name = "second" if second else "first"
    return folders.write_record(folders.FolderRecord(name, name, folder, "scgpt")).stem


def names(kind: str) -> list[str]:
    """Return the names under which the records of a kind are listed."""
    if kind == "upload":
        return [one.ref for one in datasets.list_uploads()]
    if kind == "list":
        return [one.ref for one in datasets.list_genes()]
    if kind == "column":
        return [one.ref for one in annotations.annotations_of("0" * 64)]
    return [one.name for one in folders.registered()]


def file_of(kind: str, name: str):
    (path,) = (path for path in ROOMS[kind].files() if path.stem == name.removeprefix("@"))
    return path


@pytest.mark.parametrize("kind", ROOMS)
@pytest.mark.parametrize("content", ["of the second", "none", "nulls", "lists"])
def test_it_stands_for_nothing_is_told_and_comes_back(grn_home, kind, content, capsys):
    first, second = ask(kind, second=False), ask(kind, second=True)
    path, other = file_of(kind, first), file_of(kind, second)
    keys = json.loads(path.read_text(encoding="utf-8"))
    if content == "of the second":
        shutil.copy(other, path)
    else:
        value = {"none": {}, "nulls": dict.fromkeys(keys), "lists": {key: [1] for key in keys if key != "sum"}}[content]
        path.write_text(json.dumps(value), encoding="utf-8")
    assert damaged() == [(ROOMS[kind], path)]
    doubted = kind == "column" and content == "of the second"  # labels and dataset are the hash; the title is not in it
    if not doubted:
        assert names(kind) == [second]
    for command in (["datasets", "list"], ["models", "list"]):
        assert main(command) == 0
        assert (path.stem in capsys.readouterr().err) == (
            kind != "column" and (command[0] == "models") == (kind == "model")
        )
    assert ask(kind, second=False) == first
    assert not damaged()
    assert sorted(names(kind)) == sorted([first, second])


def test_the_title_of_a_column_whose_record_is_that_of_another_is_doubted(grn_home):
    first, second = ask("column", second=False), ask("column", second=True)
    shutil.copy(file_of("column", second), file_of("column", first))
    assert annotations.column_title(first) == f"others {DOUBTED}"


def test_the_cells_of_another_upload_are_not_read_and_its_file_stays_when_the_record_goes(grn_home):
    first, second = ask("upload", second=False), ask("upload", second=True)
    shutil.copy(file_of("upload", second), file_of("upload", first))
    for open_it in (datasets.load, datasets.describe):
        with pytest.raises(DataError, match="record of an upload is damaged"):
            open_it(first)
    belongings.remove_upload(first)
    assert names("upload") == [second]
    assert datasets.load(second).n_cells == 11
    assert not damaged()
    assert not list(settings().uploads.glob(f"*{first.partition('-')[2]}*"))


def test_another_list_is_not_asked(grn_home):
    first, second = ask("list", second=False), ask("list", second=True)
    shutil.copy(file_of("list", second), file_of("list", first))
    assert datasets.find_genes(first) is None
