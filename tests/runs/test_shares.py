"""A shared run: who has the link sees it and may copy it, nobody else; taken back, the link opens no more."""

from __future__ import annotations

import io
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from grn_core.errors import RunError
from grn_core.files import write_json
from grn_core.homes import home_of, keep_private
from grn_core.networks.imports.store import store_network
from grn_core.runs import (
    ActivityRequest,
    AllGroupsRequest,
    CoexpressionRequest,
    ConsensusRequest,
    GroupsRequest,
    ImportRequest,
    InferRequest,
    RanksRequest,
    Request,
    RunStatus,
    RunStore,
    WhatIfRequest,
    manager,
    remove,
    shares,
)
from grn_core.runs.jobs import job_kind
from grn_core.runs.request import FORMAT
from grn_core.settings import at_home, settings
from grn_core.sums import read_summed, write_summed
from tests.pages.fabricated_run import fabricate_run


@pytest.fixture
def people(grn_home):
    """The homes of two users."""
    return tuple(home_of(grn_home, "https://login.example", name) for name in ("ada", "grace"))


def test_a_shared_run_is_called_what_it_is_called_in_its_owners_home(people, monkeypatch):
    """A translator of the visitor's, of the same name as the owner's, lends it no title."""
    ada, grace = people
    with at_home(ada):
        token = shares.share(fabricate_run(seed=5))
    monkeypatch.setattr(shares, "title_of", lambda _: str(settings().home))
    with at_home(grace):
        there = shares.opened(token)
        assert (there.title, there.home) == (str(ada), ada)


def test_a_link_leads_to_the_run_until_it_is_taken_back(people):
    ada, grace = people
    with at_home(ada):
        run = fabricate_run(seed=5, title="Cells of Ada")
        manager.mark(run, name="Mine", note="for me alone")
        token, other = shares.share(run), shares.share(run)
        assert len({token, other}) == len(shares.shares(run)) == 2
    with at_home(grace):
        assert shares.shares() == []
        there = shares.opened(token)
        assert (there.info.run_id, there.info.request.subject) == (run, "Cells of Ada")
        shares.withdraw(next(iter(one.stem for one in (settings().installation / "shared").iterdir())))
        assert shares.opened(token).info == there.info  # whoever has no link takes none back
        assert RunStore().list_runs() == []
    with at_home(ada):
        for one in shares.shares(run):
            shares.withdraw(one.number)
    with at_home(grace):
        for one in (token, other):
            with pytest.raises(RunError, match="leads to no run"):
                shares.opened(one)


def test_a_link_of_a_newer_version_says_so_and_can_be_taken_back(people):
    ada, grace = people
    with at_home(ada):
        run = fabricate_run(seed=5)
        token = shares.share(run)
        (file,) = (settings().installation / "shared").iterdir()
        write_summed(file, {**read_summed(file), "record_format": 2})
    with at_home(grace), pytest.raises(RunError, match=r"newer GRN Studio \(format 2; this one reads 1\)"):
        shares.opened(token)
    with at_home(ada):
        shares.withdraw(shares.shares(run)[0].number)
    assert not file.exists()


def test_a_copy_is_the_same_run_without_note_and_log_and_stays(people):
    ada, grace = people
    with at_home(ada):
        run = fabricate_run(seed=6)
        manager.mark(run, name="Mine", note="for me alone", pinned=True)
        (RunStore().path(run) / "log.txt").write_text(str(ada), encoding="utf-8")
        token, edges = shares.share(run), RunStore().edges(run)
    with at_home(grace):
        assert shares.take_copy(token) == shares.take_copy(token) == run
        assert RunStore().edges(run).equals(edges)
        marks = RunStore().marks(run)
        assert (marks.name, marks.note, marks.pinned) == ("Mine", "", False)
        assert str(ada).encode() not in b"".join(
            path.read_bytes() for path in RunStore().path(run).rglob("*") if path.is_file()
        )
        manager.mark(run, note="of Grace")
    with at_home(ada):
        assert RunStore().marks(run).note == "for me alone"
        remove(run)
    with at_home(grace):
        with pytest.raises(RunError, match="leads to no run"):
            shares.opened(token)
        assert RunStore().status(run).state == "done"


def test_the_word_stands_in_the_link_alone(people):
    keep_private()
    with at_home(people[0]):
        token = shares.share(fabricate_run(seed=7))
        kept = [path for path in settings().installation.rglob("*") if path.is_file()]
    assert token.encode() not in b"".join(path.read_bytes() + path.name.encode() for path in kept)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept if "shared" in path.parts)


@pytest.mark.parametrize("token", ["", "x", "../../users", "a" * 43, "é" * 30, "a" * 5000])
def test_what_is_no_link_leads_nowhere(people, token):
    with at_home(people[0]), pytest.raises(RunError, match="leads to no run"):
        shares.opened(token)


NETWORK = b"TF\ttarget\timportance\nSPI1\tCD14\t0.9\nSPI1\tLYZ\t0.8\nGATA1\tHBB\t0.7\nGATA1\tLYZ\t0.2\n"


def request_of(kind: str, home: Path) -> Request:
    """A request of a kind of run that can be shared, whose texts all name a place in its owner's home."""
    if kind == "import":
        return ImportRequest.of(store_network("mine.tsv", io.BytesIO(NETWORK)))
    known = {"dataset_ref": "pbmc68k", "dataset_sha": "0" * 64, "title": f"{home}/cells.h5ad"}
    a, b = ("bulk_labels", ("A", str(home / "b"))), ("bulk_labels", ("B",))
    made = {
        "infer": lambda: InferRequest(**known, model=f"{home}/models/mine"),
        "ranks": lambda: RanksRequest(**known),
        "coexpression": lambda: CoexpressionRequest(**known, method="pearson"),
        "consensus": lambda: ConsensusRequest(runs=("0" * 16, "1" * 16), title=str(home)),
        "activity": lambda: ActivityRequest(**known, a=a, b=b),
        "groups": lambda: GroupsRequest(**known, a=a, b=b),
        "all-groups": lambda: AllGroupsRequest(**known, by="bulk_labels"),
        "what-if": lambda: WhatIfRequest(**known, changed=("SPI1",)),
    }
    return made[kind]()


@pytest.mark.parametrize("kind", shares.KINDS)
def test_no_copy_of_any_kind_says_where_its_owner_has_it(people, kind):
    ada, grace = people
    with at_home(ada):
        store, request = RunStore(), request_of(kind, ada)
        run = store.write_request(request) if kind == "import" else "0123456789abcdef"
        record = {"run_id": run, "format": FORMAT, "created": "2026-01-01T12:00:00.000+00:00", "title": request.title}
        record |= {"request": request.to_json(), "hashes": {}, "versions": {}}
        write_json(store.path(run) / "run.json", record)
        (store.path(run) / job_kind(kind).result).write_bytes(b"what was found")
        (store.path(run) / "download.h5ad").write_bytes(b"cells by name, with all columns of the upload")
        store.write_result(run, {"notes": [f"of {ada}/x"]})
        store.write_status(run, RunStatus("done", fraction=1.0))
        token = shares.share(run)
    with at_home(grace):
        assert shares.take_copy(token) == run
        copy = RunStore()
        assert copy.request(run).kind == kind
        assert copy.damaged(run) == []
        kept = [path.read_bytes() for path in copy.path(run).rglob("*") if path.is_file()]
        assert ada.name.encode() not in b"".join(kept)
        assert b"what was found" in kept
        assert b"columns of the upload" not in b"".join(kept)


@pytest.mark.parametrize("absolute", [False, True])
def test_whoever_has_a_copy_of_an_import_reads_nothing_of_its_owner(people, absolute):
    ada, grace = people
    with at_home(ada):
        request = ImportRequest.of(store_network("mine.tsv", io.BytesIO(NETWORK)))
        assert not Path(request.file).is_absolute()
        if absolute:  # as it was written before
            request = replace(request, file=str(request.place))
        assert len(request.read().edges) == 4
    with at_home(grace), pytest.raises(RunError, match=r"mine\.tsv is not here"):
        request.read()


def test_a_run_that_goes_while_it_is_copied_is_said_so(people, monkeypatch):
    ada, grace = people
    with at_home(ada):
        run = fabricate_run(seed=8)
        token = shares.share(run)
    with at_home(grace):

        def copy(source, place, **options):
            with at_home(ada):
                remove(run)
            raise shutil.Error([(str(source), str(place), "No such file or directory")])

        monkeypatch.setattr(shares.shutil, "copytree", copy)
        with pytest.raises(RunError, match="removed while it was copied"):
            shares.take_copy(token)
        assert RunStore().list_runs() == []
