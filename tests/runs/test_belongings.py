"""What is stored about somebody: listed with its size, deleted with what hangs on it, taken along, and let go."""

from __future__ import annotations

import io
import os
import time
import zipfile

import pytest

from grn_core import caches
from grn_core.benchmark.references.uploads import reference_path, store_reference
from grn_core.cli import main
from grn_core.datasets import list_uploads, load, store_genes, store_upload
from grn_core.disk import kept_bytes
from grn_core.errors import DataError, RequestError, RunError
from grn_core.homes import home_of
from grn_core.networks.imports.store import store_network
from grn_core.runs import (
    CoexpressionRequest,
    RunStatus,
    RunStore,
    along,
    belongings,
    manager,
    remove,
    retention,
    shares,
)
from grn_core.runs.locks import hold
from grn_core.settings import at_home, settings
from tests.pages.fabricated_run import fabricate_run
from tests.pages.people import table_of_cells

DAY_S = 24 * 3600

EDGES = b"source,target\nSPI1,CD19\nGATA1,MYC\n"


@pytest.fixture
def ada(grn_home):
    """Work in the home of one user among others."""
    with at_home(home_of(grn_home, "https://login.example", "ada")):
        yield


@pytest.fixture
def upload(ada) -> str:
    """An upload whose cells were read."""
    ref = store_upload("cells.tsv", table_of_cells("c"))
    load(ref)
    return ref


def words_below(home, words: str) -> list:
    return [path for path in home.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


def test_an_upload_goes_with_all_that_hangs_on_it(upload):
    run, other = fabricate_run(seed=1, ref=upload), fabricate_run(seed=2, ref="pbmc68k")
    gone = fabricate_run(seed=3, ref=upload)
    remove(gone)
    token = shares.share(run)
    assert [info.run_id for info in belongings.hanging_on(upload)] == [run]
    assert {one.name for one in belongings.belongings()} == {upload, run, other, f"removed/{gone}"}
    belongings.remove_upload(upload)
    assert [one.name for one in belongings.belongings()] == [other]
    assert words_below(settings().home, upload) == []
    assert not list((settings().home / "cells").glob("*"))
    with pytest.raises(RunError):
        shares.opened(token)


@pytest.mark.parametrize("name", ["cells", "cells.tsv", "cells.of.mine"])
def test_the_file_of_an_upload_goes_whatever_it_is_called(ada, name):
    belongings.remove_upload(store_upload(name, table_of_cells("c")))
    assert list(settings().uploads.iterdir()) == []


@pytest.mark.parametrize("odd", ["upload-", "upload-[0-9]", "upload-*"])
def test_a_damaged_record_of_an_odd_name_takes_no_other_file_along(upload, odd):
    kept = sorted(settings().uploads.iterdir())
    (settings().uploads / f"{odd}.json").write_text("{", encoding="utf-8")
    belongings.remove_upload(odd)
    assert sorted(settings().uploads.iterdir()) == kept


def test_nothing_goes_while_a_run_of_it_is_at_work(upload):
    run = fabricate_run(seed=1, ref=upload)
    status = RunStatus("queued", stage="starting", queued=time.time(), pid=os.getpid())
    RunStore().write_status(run, status)
    for refused in (lambda: belongings.remove_upload(upload), belongings.remove_everything):
        with pytest.raises(RunError, match="at work"):
            refused()
    assert list_uploads()


def test_nothing_goes_while_a_run_whose_record_is_damaged_is_at_work(upload):
    run = fabricate_run(seed=1, ref=upload)
    (RunStore().path(run) / "run.json").write_text("{", encoding="utf-8")
    with hold(RunStore().path(run) / "lock"), pytest.raises(RunError, match="still at work"):
        belongings.remove_everything()
    assert list_uploads()
    belongings.remove_everything()
    assert not settings().home.exists()


def test_links_stay_where_a_removal_is_refused(ada):
    run = fabricate_run(seed=1)
    token = shares.share(run)
    done = RunStore().written_status(run)
    RunStore().write_status(run, RunStatus("queued", stage="starting", queued=time.time(), pid=os.getpid()))
    with pytest.raises(RunError, match="at work"):
        remove(run)
    RunStore().write_status(run, done)
    assert shares.opened(token).info.run_id == run


def test_all_is_taken_along_but_what_only_saves_time(upload):
    run = fabricate_run(seed=1, ref=upload)
    manager.mark(run, note="a note of mine")
    with along.everything() as whole, zipfile.ZipFile(io.BytesIO(whole.read())) as archive:
        names, told = archive.namelist(), archive.read(f"runs/{run}/marks.json")
    assert {f"runs/{run}/edges.parquet", f"uploads/{upload}.json"} <= set(names)
    assert not [name for name in names if name.startswith("cells/") or name.endswith("lock")]
    assert b"a note of mine" in told


def test_nobody_takes_along_what_is_of_others(upload, grn_home, monkeypatch):
    with at_home(grn_home):
        mine = fabricate_run(seed=2)
        shares.share(mine)
        for name in ("models/scgpt/weights", "data/archive.zip", "queue/served-x", "cache-users/1.txt"):
            (grn_home / name).parent.mkdir(parents=True, exist_ok=True)
            (grn_home / name).write_bytes(b"x")
        with along.everything() as whole, zipfile.ZipFile(whole) as archive:
            names = archive.namelist()
            assert along.n_bytes() == sum(one.file_size for one in archive.infolist())
    assert {name.split("/")[0] for name in names} == {"runs"}
    with at_home(grn_home / "not-yet"), along.everything() as whole, zipfile.ZipFile(whole) as archive:
        assert archive.namelist() == []
    monkeypatch.setattr(along, "MOST_IN_ZIP", 1)
    with pytest.raises(RunError, match="at most"):
        along.everything()


def test_all_goes_and_the_home_of_all_does_not(upload, grn_home):
    fabricate_run(seed=1, ref=upload)
    home = settings().home
    belongings.remove_everything()
    assert not home.exists()
    with at_home(grn_home), pytest.raises(RunError, match="one home for all"):
        belongings.remove_everything()


def test_a_user_keeps_no_more_than_each_may(ada, monkeypatch):
    monkeypatch.setenv("GRN_MAX_USER_GB", "1")
    file = settings().home / "uploads" / "large"
    file.parent.mkdir()
    with file.open("wb") as large:
        large.truncate(10**9)
    assert kept_bytes(settings().home) == 10**9
    with pytest.raises(RequestError, match="and this would take"):
        store_upload("cells.tsv", table_of_cells("c"))
    file.unlink()
    assert store_upload("cells.tsv", table_of_cells("c"))


@pytest.mark.parametrize("store", [store_upload, store_network, store_reference])
def test_an_upload_counts_once_though_it_is_in_the_home_while_it_is_looked_at(ada, monkeypatch, store):
    monkeypatch.setenv("GRN_MAX_USER_GB", "1")
    content = EDGES if store is store_reference else table_of_cells("c").read()
    file = settings().home / "runs" / "large"
    file.parent.mkdir()
    for share, fits in ((0.5, False), (1.5, True)):
        with file.open("wb") as large:
            large.truncate(10**9 - int(share * len(content)))
        if fits:
            assert store("given.csv", io.BytesIO(content))
        else:
            with pytest.raises(RequestError, match="and this would take"):
                store("given.csv", io.BytesIO(content))


def test_a_user_has_no_more_runs_at_once_than_each_may(ada, monkeypatch):
    monkeypatch.setenv("GRN_MAX_USER_RUNS", "1")
    run = fabricate_run(seed=1)
    RunStore().write_status(run, RunStatus("queued", stage="starting", queued=time.time(), pid=os.getpid()))
    with pytest.raises(RunError, match="1 run of yours waits"):
        manager.submit(CoexpressionRequest(dataset_ref="pbmc68k", method="pearson"))
    assert [info.run_id for info in RunStore().list_runs()] == [run], "what is refused would be started by its page"
    assert [path.name for path in settings().runs.iterdir()] == [run]
    other = fabricate_run(seed=2)
    RunStore().write_status(other, RunStatus("cancelled"))
    with pytest.raises(RunError, match="1 run of yours waits"):
        manager.resume(other)


def test_what_is_unused_goes_after_a_warning_and_what_is_pinned_or_used_stays(ada, monkeypatch):
    monkeypatch.setenv("GRN_KEEP_DAYS", "30")
    old, pinned, used, new = (fabricate_run(seed=seed) for seed in (1, 2, 3, 4))
    uploaded = {store_genes(["SPI1", "GATA1"]), f"references/{store_reference('a.csv', io.BytesIO(EDGES))}"}
    for name in uploaded:
        aged(name if "/" in name else f"uploads/{name}.json", 31)
    manager.mark(pinned, pinned=True)
    now = time.time()
    ages = {old: 31, pinned: 31, used: 31, new: 20}
    monkeypatch.setattr(retention, "_moment", lambda created: now - 31 * DAY_S)
    monkeypatch.setattr(
        RunStore,
        "written_status",
        lambda self, run_id: RunStatus("done", updated=now - ages[run_id] * DAY_S),
    )
    retention.note_use(used)
    assert {one.name for one in retention.leaving()} == {old, new, *uploaded}
    assert {one.name for one in retention.leaving(within_days=0)} == {old, *uploaded}
    retention.let_go()
    assert {one.name for one in belongings.belongings()} == {pinned, used, new, f"removed/{old}"}
    monkeypatch.setenv("GRN_KEEP_DAYS", "0")
    assert retention.leaving(within_days=10_000) == []


def aged(name: str, days: float) -> None:
    """Make an uploaded file so many days old, in all its times."""
    os.utime(settings().home / name, (time.time() - days * DAY_S,) * 2)


def test_a_file_that_is_read_or_uploaded_again_stays(ada, monkeypatch):
    monkeypatch.setenv("GRN_KEEP_DAYS", "30")
    read, again, left = (store_reference(f"{name}.csv", io.BytesIO(EDGES + name.encode())) for name in "abc")
    for name in (read, again, left):
        aged(f"references/{name}", 31)
    reference_path(read)
    store_reference("b.csv", io.BytesIO(EDGES + b"b"))
    assert [one.name for one in retention.leaving(within_days=0)] == [f"references/{left}"]


def test_an_upload_stays_while_a_removed_run_of_it_can_be_brought_back(ada, monkeypatch):
    monkeypatch.setenv("GRN_KEEP_DAYS", "30")
    name = f"references/{store_reference('a.csv', io.BytesIO(EDGES))}"
    aged(name, 31)
    run = fabricate_run(seed=1, title=name)
    remove(run)
    assert retention.leaving(within_days=0) == []
    belongings.remove_made(f"removed/{run}")
    assert [one.name for one in retention.leaving(within_days=0)] == [name]


def test_a_day_that_a_wrong_clock_noted_keeps_nothing_for_years(ada, monkeypatch):
    monkeypatch.setenv("GRN_KEEP_DAYS", "30")
    name = f"references/{store_reference('a.csv', io.BytesIO(EDGES))}"
    aged(name, 31)
    (stamp := settings().home / retention.SWEPT).touch()
    os.utime(stamp, (time.time() + 1000 * DAY_S,) * 2)
    retention.let_go()
    assert belongings.belongings() == []


def test_runs_are_listed_once_however_many_uploads_there_are(ada, monkeypatch):
    monkeypatch.setenv("GRN_KEEP_DAYS", "30")
    for number in range(5):
        store_genes(["SPI1", "GATA1", f"HOXA{number + 1}"])
    listed, usual = [], RunStore.list_runs
    monkeypatch.setattr(RunStore, "list_runs", lambda self: listed.append(self) or usual(self))
    retention.leaving()
    assert len(listed) <= 2


def test_a_home_that_cannot_be_swept_ends_nothing_and_each_is_swept_once_a_day(ada, monkeypatch):
    monkeypatch.setenv("GRN_KEEP_DAYS", "30")
    asked = []

    def fail(**_: object) -> list:
        asked.append(settings().home)
        raise FileNotFoundError

    monkeypatch.setattr(retention, "leaving", fail)
    retention.let_go()
    first = len(asked)
    retention.let_go()
    assert len(asked) == first >= 1


def test_the_command_deletes_runs_only_on_ones_word(upload, capsys):
    run = fabricate_run(seed=1, ref=upload)
    assert main(["datasets", "remove", upload]) == 2
    assert run in capsys.readouterr().err
    assert main(["datasets", "remove", upload, "--with-runs"]) == 0
    assert belongings.belongings() == []
    assert main(["datasets", "remove", upload]) == 2


def test_other_files_are_listed_and_deleted_too(ada):
    name = store_reference("mine.csv", io.BytesIO(EDGES))
    file = store_network("net.tsv", io.BytesIO(b"TF\ttarget\timportance\nSPI1\tLYZ\t2\n"))
    listed = {one.kind: one.name for one in belongings.belongings()}
    assert listed == {
        "Reference network": f"references/{name}",
        "File of a network": file.relative_to(settings().home).as_posix(),
    }
    for one in listed.values():
        belongings.remove_upload(one)
    assert belongings.belongings() == []


def test_what_is_deleted_is_in_no_folder_and_in_no_memory(upload, grn_home):
    home, network = settings().home, store_network("net.tsv", io.BytesIO(b"TF\ttarget\timportance\nSPI1\tLYZ\t2\n"))
    ref = network.relative_to(home).as_posix()
    fabricate_run(seed=1, title=ref)
    remove(f"{1:016x}")
    later = fabricate_run(seed=2, title=f"asked of {1:016x}")  # hangs on it by the run that was removed
    remove(later)
    for name in ("translators/mine/card.json", "adapted/of-cells/model.safetensors"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text("{}", encoding="utf-8")
    assert {one.kind for one in belongings.belongings()} == {
        *("Upload", "File of a network", "Removed run", "Translator", "Model adapted to cells"),
    }
    belongings.remove_upload(ref)
    assert not list((home / "removed").iterdir())
    belongings.remove_upload(upload)
    assert not (home / "adapted").exists()
    with pytest.raises(DataError, match="there is no dataset"):
        load(upload)
    for place in ("../runs", "translators/..", "translators"):
        with pytest.raises(DataError, match="there is no"):
            belongings.remove_made(place)
    belongings.remove_made("translators/mine")
    assert belongings.belongings() == []
    served = grn_home / "queue" / f"served-{home.name}"
    served.parent.mkdir()
    served.touch()
    belongings.remove_everything()
    assert not served.exists()
    (entry := home / "cells" / "0").mkdir(parents=True)
    caches.used(entry)
    assert caches.in_use() == {entry.resolve()}  # noted in the home that was made again
