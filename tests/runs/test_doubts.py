"""A finished run says what was guessed of its cells until the user confirms it, and says so if it was otherwise."""

from __future__ import annotations

import io

import pytest

from grn_core.datasets import load, readers, store_upload
from grn_core.datasets.catalog import read_again
from grn_core.datasets.questions import said_otherwise
from grn_core.datasets.read_as import ReadAs
from grn_core.runs.doubts import doubts_of, notes_of, standing
from tests.datasets.helpers import cells, counts, read_here, saved


@pytest.fixture
def upload(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(readers, "dataset_of", read_here)
    path = saved(cells(counts(), layers={"counts": counts(seed=1)}), tmp_path)
    return store_upload("cells.h5ad", io.BytesIO(path.read_bytes()))


def record_of(ref):
    doubts = doubts_of(load(ref))
    notes = [*(one["text"] for one in doubts), "Three genes are not known."]
    return {"request": {"dataset_ref": ref}, "result": {"notes": notes, "doubts": doubts}}


def test_a_guess_stands_until_it_is_confirmed(upload):
    record, (question,) = record_of(upload), load(upload).reading.questions
    assert standing(record) == [question.doubt]
    assert notes_of(record) == [question.doubt, "Three genes are not known."]
    read_again(upload, said_otherwise(ReadAs(), question.about, question.guess))
    assert standing(record) == []
    assert notes_of(record) == ["Three genes are not known."]


def test_another_answer_is_said_beside_the_run(upload):
    record, (question,) = record_of(upload), load(upload).reading.questions
    other = next(one.word for one in question.candidates if one.word != question.guess)
    read_again(upload, said_otherwise(ReadAs(), question.about, other))
    assert standing(record) == [
        f"This run took {question.guess} for a guess, and you have said {other} since: infer anew."
    ]


def test_runs_of_before_and_runs_without_cells():
    old = {"request": {}, "result": {"notes": ["It is doubtful what X is. Taken as counts.", "Other."]}}
    assert standing(old) == ["It is doubtful what X is. Taken as counts."]
    assert notes_of(old) == old["result"]["notes"]
    assert standing({"request": {}, "result": None}) == standing({}) == []
