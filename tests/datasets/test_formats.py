"""A format is one module and one record: reading, the upload page and the command line know it from the registry."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.__main__ import main
from grn_core.datasets import formats, list_uploads, read, store_upload
from grn_core.datasets.checks import assemble
from grn_core.datasets.formats.layout import DELIMITERS, delimiter_of
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, cells, read_here, saved, table
from tests.pages.app import part_of_page

MAGIC = b"TOY1"


def read_toy(path, *, title, read_as):
    frame = pd.read_csv(io.BytesIO(path.read_bytes().removeprefix(MAGIC)), index_col=0)
    obs = pd.DataFrame(index=frame.index)
    return assemble(frame.to_numpy(), list(frame.columns), obs, title=title, where="the toy", species=read_as.species)


TOY = formats.Format(
    "toy", "a .toy file", (".toy",), "toy", lambda start: start.startswith(MAGIC), read_toy, binary=False
)


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(formats, "FORMATS", [TOY, *formats.FORMATS])
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)


def toy_file(folder, name="cells.toy"):
    path = folder / name
    path.write_bytes(MAGIC + table().to_csv().encode())
    return path


@pytest.mark.usefixtures("toy")
def test_a_new_format_is_read_and_named_in_messages(tmp_path):
    dataset = read(toy_file(tmp_path))
    assert (dataset.genes, dataset.title, dataset.n_cells) == (HUMAN, "cells", 12)
    assert read(toy_file(tmp_path, "no-ending")).genes == HUMAN
    with pytest.raises(DataError, match=r"a \.toy file, an \.h5ad file, .* or a \.csv or \.tsv table"):
        read(tmp_path / "absent")


@pytest.mark.usefixtures("toy")
def test_a_new_format_can_be_uploaded(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    with toy_file(tmp_path).open("rb") as file:
        store_upload("mine.toy", file)
    (upload,) = list_uploads()
    assert (upload.title, upload.file[12:]) == ("mine", ".toy")


@pytest.mark.usefixtures("toy")
def test_a_new_format_is_in_the_help_of_the_command_line(capsys):
    for command in ("infer", "adapt"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "a .toy file, an .h5ad file" in " ".join(capsys.readouterr().out.split())


def upload_page():
    from pages.components.data.upload import upload_box

    upload_box()


@pytest.mark.usefixtures("toy")
def test_the_upload_page_names_a_new_format_and_takes_any_file():
    (uploader,) = part_of_page(upload_page).run().get("file_uploader")
    assert not uploader.proto.type
    assert "A .toy file" in uploader.proto.help


def test_every_format_has_endings_and_is_found_by_its_content(tmp_path):
    assert len({one.name for one in formats.FORMATS}) == len(formats.FORMATS)
    assert formats.format_of(saved(cells(), tmp_path)).name == "h5ad"
    (tmp_path / "cells.csv").write_text(table().to_csv(), encoding="utf-8")
    assert formats.format_of(tmp_path / "cells.csv").name == "text"
    assert all(formats.named_format(f"x{ending}") is one for one in formats.FORMATS for ending in one.endings)


@given(
    delimiter=st.sampled_from(sorted(DELIMITERS)),
    n=st.integers(1, 30),
    name=st.sampled_from(["CD4, naive", "T cell donor 1", "a;b", "plain", "x"]),
    corner=st.booleans(),
    quoted=st.booleans(),
)
def test_the_delimiter_is_the_one_that_cuts_both_lines_alike(delimiter, n, name, corner, quoted):
    names = [f"{name} {number}" for number in range(n)]
    if quoted or any(delimiter in one for one in names):
        names = [f'"{one}"' for one in names]
    head = delimiter.join([*(["Gene"] if corner else []), *names])
    first = delimiter.join(["SPI1", *(f"{number}.5" for number in range(n))])
    assert delimiter_of(head + "\n", first + "\n") == delimiter


@pytest.mark.parametrize("name", ["CD4, naive, {}", "T cell donor 1 nr {}", "B; {}"])
def test_names_of_cells_may_hold_other_delimiters(tmp_path, name):
    frame = table().set_axis([name.format(number) for number in range(12)], axis=0)
    for delimiter in "\t,;":
        frame.T.to_csv(tmp_path / "cells.txt", sep=delimiter, quoting=0)
        dataset = read(tmp_path / "cells.txt")
        assert list(dataset.obs.index) == list(frame.index)
        np.testing.assert_array_equal(dataset.matrix.toarray(), frame.to_numpy())
