"""What a file does not tell for sure is asked; an answer says what it gives, and holds on every road."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from grn_core.cli import main
from grn_core.datasets import list_uploads, load, read, readers, store_upload
from grn_core.datasets.catalog import asks_of, read_again, said_of
from grn_core.datasets.local import file_ref
from grn_core.datasets.questions import held_by, said_otherwise
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import ASKED, OPTIONS
from grn_core.errors import DoubtfulError
from grn_core.runs import UmapRequest
from pages.components.runs.command import command_line
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, cells, counts, read_here, saved


def imputed() -> np.ndarray:
    return np.random.default_rng(5).gamma(0.5, 0.8, (30, len(HUMAN))).clip(0.01, 6)


def of_values(folder):
    pd.DataFrame(imputed(), cell_names(30), HUMAN).to_csv(folder / "cells.csv")
    return folder / "cells.csv"


def of_two_species(folder):
    return saved(cells(counts(25), genes=(*HUMAN, *MOUSE)), folder)


def of_no_capitals(folder):
    lower = [name.lower() for name in MOUSE]
    pd.DataFrame(counts(len(lower)), cell_names(), lower).to_csv(folder / "cells.csv")
    return folder / "cells.csv"


def of_two_matrices(folder):
    return saved(cells(counts(), layers={"counts": counts(seed=1)}), folder)


def of_a_square(folder):
    pd.DataFrame(counts(n_cells=13), HUMAN, (*HUMAN[3:], "MYC", "SOX2", "ACTB")).to_csv(folder / "cells.csv")
    return folder / "cells.csv"


def of_two_names(folder):
    data = cells()
    data.var["gene_name"] = list(HUMAN[1:] + HUMAN[:1])
    return saved(data, folder)


def of_two_columns(folder):
    table = pd.DataFrame(counts(n_cells=13).T, HUMAN, cell_names(13))
    table.insert(0, "nearest", list(HUMAN[1:] + HUMAN[:1]))
    table.to_csv(folder / "cells.csv")
    return folder / "cells.csv"


def of_points(folder):
    """Counts of a few molecules, and one of more than a thousand as a German spreadsheet writes it."""
    rows = counts(seed=3).astype(int).astype(str).astype(object)
    rows[2, 4] = "1.234"
    pd.DataFrame(rows, cell_names(), HUMAN).to_csv(folder / "cells.csv", sep=";")
    return folder / "cells.csv"


def of_commas(folder):
    rows = counts(seed=4).astype(int).astype(str).astype(object)
    rows[5, 2] = "1,333"
    pd.DataFrame(rows.T, HUMAN, cell_names()).to_csv(folder / "cells.tsv", sep="\t")
    return folder / "cells.tsv"


CASES = {
    "values": (of_values, "values"),
    "two species": (of_two_species, "species"),
    "no capitals": (of_no_capitals, "species"),
    "two matrices": (of_two_matrices, "matrix"),
    "genes on both sides": (of_a_square, "orientation"),
    "two names": (of_two_names, "name_column"),
    "two columns": (of_two_columns, "name_column"),
    "points before three digits": (of_points, "decimal"),
    "commas before three digits": (of_commas, "decimal"),
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(readers, "dataset_of", read_here)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("case", CASES)
def test_answered_once_the_numbers_are_the_same_on_every_road(tmp_path, case):
    make, about = CASES[case]
    path = make(tmp_path)
    guessed = read(path)
    (one,) = guessed.reading.questions
    assert one.about == about
    assert one.doubt in guessed.reading.doubts
    assert one.doubt in guessed.panel().notes
    assert OPTIONS[about] in one.doubt
    assert len({each.word for each in one.candidates}) >= 2
    with pytest.raises(DoubtfulError) as refused:
        read(path, trust_guess=False)
    told = str(refused.value)
    assert all(f"{OPTIONS[about]}={each.word} ({each.title}: {each.gives})" in told for each in one.candidates)

    with path.open("rb") as file:
        upload = store_upload(path.name, file)
    assert asks_of(upload) == asks_of(file_ref(path)) == about
    found = {}
    for each in one.candidates:
        said = said_otherwise(ReadAs(), about, each.word)
        answered = read(path, **said.said, trust_guess=False)
        assert not answered.reading.questions
        assert held_by(answered.match) == (each.n_tfs, each.n_genes)
        for road in (read_again(upload, said), file_ref(path, read_as=said)):
            again = load(road)
            assert again.sha256 == answered.sha256
            assert again.panel().digest() == answered.panel().digest()
            assert (asks_of(road), said_of(road)) == ("", said)
        found[each.word] = answered
    assert found[one.guess].sha256 == guessed.sha256, "to confirm the guess changes no number"
    assert len({(data.sha256, data.genes) for data in found.values()}) == len(found), "answers differ"


@pytest.mark.usefixtures("here")
def test_an_answer_takes_the_place_of_the_question_and_stays(tmp_path):
    path = of_two_matrices(tmp_path)
    with path.open("rb") as file:
        upload = store_upload("mine.h5ad", file)
    answer = read_again(upload, ReadAs(matrix="layers/counts"))
    assert [one.ref for one in list_uploads()] == [answer]
    with path.open("rb") as file:
        assert store_upload("mine.h5ad", file) == answer, "the same file is not asked about again"
    assert load(upload).sha256 != load(answer).sha256, "what runs were made of is still there"
    other = read_again(answer, ReadAs(matrix="X"))
    assert {one.ref for one in list_uploads()} == {answer, other}


@pytest.mark.usefixtures("here")
def test_several_questions_are_asked_one_after_the_other(tmp_path):
    values = np.random.default_rng(6).gamma(0.5, 0.8, (30, 25)).clip(0.01, 6)
    path = saved(cells(values, genes=(*HUMAN, *MOUSE)), tmp_path)
    with path.open("rb") as file:
        ref = store_upload("mine.h5ad", file)
    asked = []
    while questions := load(ref).reading.questions:
        asked.append(questions[0].about)
        order = [list(ASKED).index(one.about) for one in questions]
        assert order == sorted(order)
        ref = read_again(ref, said_otherwise(said_of(ref), questions[0].about, questions[0].guess))
    assert asked == ["species", "values"]
    assert [one.ref for one in list_uploads()] == [ref]


def same_names(data, name, names):
    data.var[name] = list(names)
    return data


USUAL = {
    "counts": cells,
    "counts twice": lambda: cells(counts(), layers={"counts": counts(), "spliced": counts()}),
    "counts beside what was made of them": lambda: cells(np.log1p(counts()), layers={"counts": counts()}),
    "counts beside unspliced ones": lambda: cells(counts(), layers={"unspliced": counts(seed=1)}),
    "mouse": lambda: cells(counts(len(MOUSE)), genes=MOUSE),
    "mouse beside its human orthologs": lambda: same_names(
        cells(counts(len(MOUSE)), genes=MOUSE), "human", HUMAN[: len(MOUSE)]
    ),
    "a label of genes that is no name": lambda: same_names(cells(), "pathway", ["SPI1"] * 6 + ["JUN"] * 7),
    "capitals": lambda: cells(counts(len(MOUSE)), genes=[name.upper() for name in MOUSE]),
}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("kind", USUAL)
def test_what_a_file_tells_is_not_asked(tmp_path, kind):
    assert read(saved(USUAL[kind](), tmp_path), trust_guess=False).reading.questions == ()


@pytest.mark.usefixtures("here")
def test_the_command_line_refuses_a_doubtful_file_and_names_the_option(tmp_path, capsys):
    path = str(of_two_species(tmp_path))
    assert main(["umap", path]) == 2
    told = capsys.readouterr().err
    assert "--species=human" in told
    assert "--species=mouse" in told
    assert "--trust-guess" in told
    assert main(["datasets", "add", path]) == 2
    assert not list_uploads()
    assert main(["datasets", "add", path, "--trust-guess"]) == 0
    ref = capsys.readouterr().out.strip()
    assert (list_uploads()[0].ref, list_uploads()[0].asks) == (ref, "species")
    assert main(["umap", ref]) == 2
    assert "the page Dataset" in capsys.readouterr().err
    assert main(["datasets", "add", path, "--species=mouse", "--title", "My <b>cells</b>"]) == 0
    mouse = capsys.readouterr().out.strip()
    assert load(mouse).match.species == "mouse"
    assert main(["datasets", "check", path, "--json"]) == 0
    assert '"about": "species"' in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_the_copied_command_of_a_guess_says_that_it_is_one(tmp_path):
    path = of_two_species(tmp_path)
    asked = UmapRequest(dataset_ref=file_ref(path), dataset_sha="0" * 64)
    assert "--trust-guess" in command_line(asked)
    said = replace(asked, dataset_ref=file_ref(path, read_as=ReadAs(species="human")))
    assert "--trust-guess" not in command_line(said)
