"""A shared run: who has the link sees it and may copy it, nobody else; taken back, the link opens no more."""

from __future__ import annotations

import stat

import pytest

from grn_core.errors import RunError
from grn_core.homes import home_of, keep_private
from grn_core.runs import RunStore, manager, remove, shares
from grn_core.settings import at_home, settings
from tests.pages.fabricated_run import fabricate_run


@pytest.fixture
def people(grn_home):
    """The homes of two users."""
    return tuple(home_of(grn_home, "https://login.example", name) for name in ("ada", "grace"))


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
