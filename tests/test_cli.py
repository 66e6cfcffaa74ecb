"""The command line: exit codes, one line for an error, tables on stdout and progress on stderr."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grn_core import cli, datasets
from grn_core.assets import app_script
from grn_core.cli import output
from grn_core.cli.output import ProgressLine, table
from grn_core.cli.parser import COMMANDS, build_parser
from grn_core.errors import DataError, RequestError, RunError
from grn_core.genes import human_symbols
from grn_core.networks.edge_columns import COLUMNS, OPTIONAL
from grn_core.runs import RunStatus, RunStore, manager
from grn_core.settings import Settings, settings
from grn_core.translator.registry import DEFAULT

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = Path(__file__).with_name("runs") / "stand_ins.py"


@cache
def load_commands() -> None:
    for command in COMMANDS:
        build_parser(command)


@pytest.fixture
def stand_ins(monkeypatch):
    """Stand-ins for model and inference; the commands are loaded before, with what they import."""
    load_commands()
    spec = importlib.util.spec_from_file_location("stand_ins", STAND_INS)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "stand_ins", module)
    spec.loader.exec_module(module)
    for name, stand_in in module.modules().items():
        monkeypatch.setitem(sys.modules, name, stand_in)
    return module


@pytest.fixture
def quick(stand_ins, runs_here):
    """Stand-ins, and a run in a thread of this process."""
    return stand_ins


@pytest.fixture
def quick_worker(stand_ins, monkeypatch):
    """Stand-ins, here and in a worker; workers left behind are ended."""
    monkeypatch.setattr(manager, "WORKER", (sys.executable, str(STAND_INS)))
    yield stand_ins
    for info in RunStore().list_runs():
        if info.status.active and info.status.pid:
            os.kill(info.status.pid, signal.SIGKILL)


@pytest.fixture
def call(capsys):
    """Run one command in this process; return exit code, stdout and stderr."""

    def run(*arguments) -> tuple[int, str, str]:
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = leaving.code
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def gene_list(tmp_path) -> Path:
    """The quickest thing to infer: no cells have to be read."""
    path = tmp_path / "genes.txt"
    path.write_text("SPI1\n# a comment\nCEBPA  # another\n\nGATA1\nLYZ\n", encoding="utf-8")
    return path


def check_one_line_error(code: int, out: str, err: str, *, match: str) -> None:
    assert code == 2, (out, err)
    assert out == ""
    lines = [line for line in err.splitlines() if not line.startswith("note: ")]
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    assert re.search(match, lines[0]), lines[0]


# ---------------------------------------------------------------------------------------------------------- infer


def test_an_empty_variable_is_an_unset_one(monkeypatch):
    for name in ("GRN_DEVICE", "GRN_THREADS", "GRN_HOME"):
        monkeypatch.setenv(name, "")
    assert (settings().device, settings().threads, settings().home) == ("auto", 0, Settings().home)


def test_infer_writes_a_table_and_the_second_time_is_instant(quick_worker, call, tmp_path):
    path = tmp_path / "edges.tsv"
    code, out, err = call("infer", "GSD", "-o", path)
    assert (code, out) == (0, ""), err
    assert "note: Simulated" in err
    assert re.search(r"^\d+ TFs, \d+ genes: about .+ memory, .+ disk", err, re.MULTILINE)
    assert re.search(r"^\[[#.]{24}\] +\d+% ", err, re.MULTILINE)
    assert f"edges written to {path}" in err
    edges = pd.read_csv(path, sep="\t")
    assert list(edges.columns) == [*(name for name in COLUMNS if name not in OPTIONAL), "directed"]
    assert edges["score"].is_monotonic_decreasing
    assert not (edges["source"] == edges["target"]).any()

    code, out, err = call("infer", "GSD")
    assert code == 0
    assert "computed before" in err
    assert "genes: about" not in err
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(out), sep="\t"), edges)


def test_common_names_of_a_gene_list_are_told_as_they_are_read(call, quick, tmp_path):
    path = tmp_path / "genes.txt"
    path.write_text("SPI1\nGATA1\nLYZ\nHBB\np53\nOCT4\nNONSENSE99\n")
    code, out, err = call("infer", "--genes", path)
    assert code == 0, err
    assert {"p53", "OCT4"} <= {name for line in out.splitlines() for name in line.split("\t")}, out
    assert "2 of them are older or other names of known genes: OCT4 is POU5F1, p53 is TP53." in err
    assert "1 name is no known gene and is lost: NONSENSE99." in err


def test_without_seeds_the_translators_own_are_taken(quick, call, gene_list):
    code, out, err = call("infer", "--genes", gene_list, "--json")
    assert code == 0, err
    assert tuple(json.loads(out)["request"]["seeds"]) == quick.SEEDS


def test_a_run_says_what_was_done(quick_worker, call, gene_list):
    code, out, err = call("infer", "GSD", "--json", "--seeds", "2,1,2", "--tfs", "human", "--n-variable", "5")
    assert code == 0, err
    summary = json.loads(out)
    assert summary["state"] == "done"
    assert summary["request"]["seeds"] == [1, 2]
    assert summary["request"]["n_variable"] == 5
    assert summary["hashes"]["model"] == "m" * 64
    assert len(pd.read_parquet(summary["edges_file"])) == summary["result"]["edges"] > 0

    code, out, _ = call("runs", "list", "--json")
    (row,) = json.loads(out)
    assert (code, row["state"], row["model"]) == (0, "done", "compact")
    code, out, _ = call("runs", "list")
    heading, line = out.splitlines()
    assert heading.startswith("run_id")
    assert line.startswith(row["run_id"])
    code, out, _ = call("runs", "show", row["run_id"], "--json")
    assert json.loads(out)["status"]["state"] == "done"
    code, out, _ = call("runs", "show", row["run_id"])
    assert re.search(r"^request\.n_variable +5$", out, re.MULTILINE)
    code, _, err = call("runs", "cancel", row["run_id"])
    assert (code, err) == (0, f"run {row['run_id']}: done\n")


def test_a_damaged_run_is_one_line_and_can_be_computed_again(quick, call, gene_list):
    asked = ("infer", "--genes", gene_list)
    code, out, err = call(*asked)
    assert code == 0, err
    run_id = RunStore().list_runs()[0].run_id
    (RunStore().path(run_id) / "edges.parquet").write_bytes(b"garbage")
    code, nothing, err = call("export", run_id, "-o", gene_list.parent / "edges.csv")
    said = f"run {run_id} cannot be read: its edges.parquet is damaged; .*what to do: .*runs remove {run_id}"
    check_one_line_error(code, nothing, err.splitlines()[-1], match=said)
    code, again, err = call(*asked)
    assert (code, again) == (0, out), err
    assert f"run {run_id}: damaged since, computed again" in err
    assert call("runs", "remove", run_id) == (0, "", f"run {run_id}: removed; for 7 days: runs restore {run_id}\n")
    code, again, err = call(*asked)
    assert (code, again) == (0, out), err


def test_infer_reads_a_file_where_it_lies(quick_worker, call, tmp_path, grn_home, monkeypatch):
    monkeypatch.setenv("GRN_MAX_UPLOAD_MB", "0")  # the limit of what the app lets in is none of a local file
    genes = sorted({*HUMAN, *sorted(human_symbols())[:60]})
    for name in ("one.csv", "two.csv"):
        path = cells_file(tmp_path / name, genes, 10_000 + counts(cells=3_000, genes=len(genes)))
        assert path.stat().st_size > 2**20
        code, _, err = call("infer", path, "-o", tmp_path / "edges.tsv")
        assert code == 0, err
        assert ("computed before" in err) == (name == "two.csv")  # one content, one run
    assert not (grn_home / "uploads").exists()
    (newest,) = (info for info in RunStore().list_runs() if info.request.title == "two")
    assert newest.request.dataset_ref == f"file:{tmp_path / 'two.csv'}"


def test_a_local_file_that_has_changed_or_gone_is_told(quick, call, tmp_path):
    path = cells_file(tmp_path / "cells.csv", HUMAN, counts())
    assert call("infer", path, "--species", "human")[0] == 0
    (info,) = RunStore().list_runs()
    assert info.request.dataset_ref == f"file+human:{path}"
    assert info.request.dataset().n_cells == 12
    cells_file(path, HUMAN, counts() + 1)
    with pytest.raises(RunError, match="is not the one that this run was asked for"):
        info.request.dataset()
    path.unlink()
    with pytest.raises(DataError, match=f"the file {path} is gone"):
        info.request.dataset()
    assert len(RunStore().edges(info.run_id)) > 0


def test_a_file_that_nobody_named_here_is_not_opened(tmp_path):
    path = cells_file(tmp_path / "cells.csv", HUMAN, counts())
    with pytest.raises(DataError, match="there is no dataset 'file:"):
        datasets.load(f"file:{path}")


def test_infer_a_gene_list_without_cells(quick, call, tmp_path, gene_list):
    tfs = tmp_path / "tfs.txt"
    tfs.write_text("SPI1\n", encoding="utf-8")
    code, out, err = call("infer", "--genes", gene_list, "--tfs", tfs, "--species", "human")
    assert code == 0, err
    assert sorted(pd.read_csv(io.StringIO(out), sep="\t")["target"]) == ["CEBPA", "GATA1", "LYZ"]


def test_what_is_said_of_a_gene_list_is_what_is_done_with_it(quick, call):
    """Common names are understood in the run; so nobody is told that they are lost."""
    code, out, err = call("infer", "--gene-list", "p53,OCT4,HER2,LYZ,Airoz", "--tf-list", "p53", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["matching"]["unknown"] == ["Airoz"]
    assert "1 name is no known gene and is lost: Airoz." in err
    assert found["result"]["genes"] == 4


def test_the_cells_as_background_take_a_translator_that_shows_them(quick, call):
    code, out, err = call("infer", "GSD", "--background", "context", "--json")
    assert code == 0, err
    said = f"translator {DEFAULT} is taken: it reads the readout plain, which shows the model the other genes"
    assert said in err
    asked = json.loads(out)["request"]
    assert (asked["background"], asked["translator"], asked["readout"]) == ("context", DEFAULT, None)


def test_infer_chosen_cells(quick, call):
    code, out, err = call("infer", "pbmc68k", "--cells", "bulk_labels=Martian")
    check_one_line_error(code, out, err.splitlines()[-1], match="'bulk_labels' has no value 'Martian'")
    assert RunStore().list_runs() == []


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["infer"], "neither cells nor genes"),
        (["infer", "nowhere.h5ad"], "neither a file nor a dataset called 'nowhere.h5ad'"),
        (["infer", "upload-000000000000"], "neither a file nor a dataset"),
        (["infer", "GSD", "-o", "no/such/folder/edges.tsv"], "cannot be written"),
        (["infer", "GSD", "-o", "."], "cannot be written"),
        (["infer", "GSD", "--model", "none"], "unknown model 'none'"),
        (["infer", "GSD", "--translator", "none"], "unknown translator 'none'"),
        (["infer", "GSD", "--tfs", "no-file"], "gene list 'no-file' cannot be read"),
        (["infer", "GSD", "--genes", "/dev/null"], "gene list '/dev/null' is empty"),
        (["infer", "GSD", "--tf-list", ""], "--tf-list is ''; needed: at least one gene; what to do: name some, or"),
        (["infer", "GSD", "--tf-list", " , "], "--tf-list is ' , '; needed: at least one gene"),
        (["infer", "GSD", "--gene-list", ""], "--gene-list is ''; needed: at least one gene"),
        (["infer", "--gene-list", ",,"], "--gene-list is ',,'; needed: at least one gene"),
        (["infer", "GSD", "--cells", "B"], "--cells is 'B'"),
        (["infer", "GSD", "--seeds", "a"], "not a list of whole numbers"),
        (["infer", "GSD", "--seeds", ","], "the seeds are"),
        (["infer", "GSD", "--n-variable", "-1"], "number of variable genes is -1"),
        (["infer", "GSD", "--species", "human"], "leave out --species"),
        (["infer", "GSD", "--background", "none"], "invalid choice"),
        (["infer", "GSD", "--seeds", "7"], "has no seed 7; needed: one or more of 0, 1, 2, 3, 4; what to do"),
        (["infer", "GSD", "--methods", "vvp,foo"], "no extractor 'foo'; needed: one or more of vvp, gdt, "),
        (["infer", "GSD", "--readout", "nope"], "no readout 'nope'; needed: one of masked, plain; what to do"),
        (["infer", "GSD", "--background", "context", "--readout", "masked"], "'masked' hides every gene but the TF"),
        (["dance"], "invalid choice"),
        ([], "required: COMMAND"),
        (["runs", "show", "../.."], "is not a run id"),
        (["runs", "show", "0123456789abcdef"], "no readable run"),
        (["runs", "cancel", "0123456789abcdef"], "no readable run"),
        (["runs", "resume", "0123456789abcdef"], "no readable run"),
        (["runs", "remove", "0123456789abcdef"], "no readable run"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(quick, call, arguments, match):
    check_one_line_error(*call(*arguments), match=match)
    assert RunStore().list_runs() == []


def test_a_failure_in_the_worker_is_one_line_too(quick_worker, call, gene_list):
    code, out, err = call("infer", "--genes", gene_list, "--methods", "vvp")
    check_one_line_error(
        code, out, err.splitlines()[-1], match=r"unknown extractors .*what to do: correct --extractors"
    )
    assert [info.status.state for info in RunStore().list_runs()] == ["failed"]


@pytest.mark.parametrize(
    ("names", "options", "match"),
    [
        ("HBB LYZ CD14", [], "none of the 3 genes is on the TF list"),
        ("SPI1 LYZ", ["--background", "context"], "asked for without cells; needed: a dataset with cells"),
        ("ZQAX ZQBX ZQCX", [], "none of the 3 names in the gene list is a known gene.*needed: human or mouse"),
    ],
    ids=["no TF", "no cells", "no gene"],
)
def test_a_gene_list_that_cannot_be_asked_leaves_no_run(quick, call, tmp_path, names, options, match):
    (tmp_path / "genes.txt").write_text("\n".join(names.split()), encoding="utf-8")
    code, out, err = call("infer", "--genes", tmp_path / "genes.txt", *options)
    check_one_line_error(code, out, err.splitlines()[-1], match=match)
    assert RunStore().list_runs() == []


def cells_file(path: Path, genes, values) -> Path:
    table = pd.DataFrame(values, columns=list(genes), index=[f"cell{i}" for i in range(len(values))])
    if path.suffix == ".csv":
        table.to_csv(path)
    else:
        import anndata

        anndata.AnnData(table.astype(np.float32)).write_h5ad(path)
    return path


HUMAN = ("SPI1", "CEBPA", "GATA1", "CD14", "LYZ", "NKG7")


def counts(cells=12, genes=6):
    return np.random.default_rng(0).poisson(2, (cells, genes)) + 1


def with_one(value):
    values = counts().astype(float)
    values[0, 0] = value
    return values


@pytest.mark.parametrize(
    ("genes", "values", "match"),
    [
        (tuple(f"thing{i}" for i in range(6)), counts(), "known gene"),
        (HUMAN, counts(cells=1), "1 cell"),
        (HUMAN, np.zeros((12, 6)), "zero"),
        (HUMAN, with_one(np.nan), "(?i)nan|missing|not a number"),
        (HUMAN, with_one(-1.5), "negative"),
    ],
    ids=["no gene known", "one cell", "all zeros", "NaN", "negative"],
)
def test_a_bad_matrix_is_one_line_and_exit_code_2(quick, call, tmp_path, genes, values, match):
    check_one_line_error(*call("infer", cells_file(tmp_path / "x.h5ad", genes, values)), match=match)


@pytest.mark.parametrize("kind", ["truncated", "text", "empty", "folder"])
def test_a_bad_file_is_one_line_and_exit_code_2(quick, call, tmp_path, kind):
    path = tmp_path / "cells.h5ad"
    if kind == "truncated":
        path.write_bytes(cells_file(tmp_path / "whole.h5ad", HUMAN, counts()).read_bytes()[:3000])
    elif kind == "text":
        path.write_text("SPI1,CEBPA\n1,2\n", encoding="utf-8")
    elif kind == "empty":
        path.touch()
    else:
        path.mkdir()
    check_one_line_error(*call("infer", path), match=r"cells\.h5ad")


@pytest.mark.parametrize(
    ("genes", "match", "sources"),
    [
        (("Spi1", "Cebpa", "Gata1", "Cd14", "Nkg7", "Klf4"), "note: .*(?i:mouse)", {"Spi1", "Cebpa", "Gata1", "Klf4"}),
        (
            ("ENSG00000066336", "ENSG00000245848", "ENSG00000102145", "ENSG00000170458", "ENSG00000105374", "X"),
            "note: .*Ensembl",
            {"SPI1", "CEBPA", "GATA1"},
        ),
    ],
    ids=["mouse", "Ensembl"],
)
def test_a_conversion_is_stated(quick, call, tmp_path, genes, match, sources):
    code, out, err = call("infer", cells_file(tmp_path / "x.csv", genes, counts()))
    assert code == 0, err
    assert re.search(match, err), err
    assert set(pd.read_csv(io.StringIO(out), sep="\t")["source"]) == sources  # the user's own symbols, or ours for ids


def test_ctrl_c_cancels_and_the_same_command_goes_on(quick_worker, call, gene_list, monkeypatch):
    real = manager.wait

    def interrupted(run_id, *, listener=None):
        def listen(status):
            listener(status)
            if status.state == "running":
                raise KeyboardInterrupt

        return real(run_id, listener=listen)

    monkeypatch.setattr(manager, "wait", interrupted)
    code, out, err = call("infer", "--genes", gene_list, "--seeds", quick_worker.SLOW)
    assert (code, out) == (130, "")
    assert "cancelled" in err
    monkeypatch.setattr(manager, "wait", real)
    run_id = RunStore().list_runs()[0].run_id
    assert manager.wait(run_id, timeout_s=60).state == "cancelled"
    code, out, err = call("runs", "resume", run_id, "--json")
    assert code == 0
    assert json.loads(out)["status"]["state"] == "queued"
    code, _, err = call("runs", "cancel", run_id)
    assert (code, manager.status(run_id).state) == (0, "cancelled"), err


# ------------------------------------------------------------------------------------------------- runs and machine


def test_the_built_in_datasets_are_listed(call):
    code, out, _ = call("datasets")
    assert code == 0
    assert "pbmc68k" in out
    assert out.splitlines()[0].split() == ["ref", "title", "species", "n_cells", "licence"]


def test_doctor_knows_this_machine(call, grn_home):
    code, out, _ = call("doctor", "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["cores"] >= 1
    assert facts["home"] == str(grn_home)
    assert facts["home_writable"] is True
    assert facts["free_disk_gb"] > 0
    assert facts["torch"]
    assert call("doctor")[1].startswith("what")


def test_doctor_writes_a_report_for_a_bug_tracker(call, tmp_path):
    code, out, err = call("doctor", "--bundle", tmp_path / "report.json")
    assert (code, out) == (0, "")
    assert "look it over" in err
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["checks"]["Python"] == "ok"
    check_one_line_error(*call("doctor", "--bundle", tmp_path / "absent" / "report.json"), match="cannot be written")


@pytest.mark.parametrize("where", ["/proc/x", __file__, f"{__file__}/below"])
def test_a_home_that_cannot_be_written_to_is_refused_before_any_work(call, where):
    for command in (["infer", "GSD"], ["adapt", "GSD"], ["train-translator", "--reference", "omnipath", "--name", "x"]):
        check_one_line_error(
            *call(*command, "--home", where), match="nothing can be written to the data folder .*GRN_HOME"
        )
    code, out, err = call("doctor", "--home", where, "--json")
    assert json.loads(out)["home_writable"] is False
    check_one_line_error(code, "", err, match="nothing can be written to the data folder")


@pytest.mark.parametrize(
    ("name", "value", "needed"),
    [
        ("DEVICE", "foo", "one of auto, cpu, cuda, mps"),
        ("THREADS", "-3", "0 or more"),
        ("THREADS", "two", "whole number"),
    ],
)
def test_a_wrong_setting_is_named_by_every_command(call, monkeypatch, name, value, needed):
    monkeypatch.setenv(f"GRN_{name}", value)
    for command in (["doctor"], ["datasets"], ["infer", "GSD"]):
        check_one_line_error(*call(*command), match=f"GRN_{name} is '{value}'; needed: .*{needed}")


def test_another_home(call, tmp_path, monkeypatch):
    home = tmp_path / "elsewhere"
    assert call("runs", "list", "--home", home, "--json") == (0, "[]\n", "")
    assert os.environ["GRN_HOME"] == str(home)


def test_help_names_every_command(call):
    code, out, _ = call("--help")
    assert code == 0
    for name in COMMANDS:
        assert re.search(rf"^ +{name}\b", out, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(call, name):
    code, out, _ = call(name, "--help")
    assert code == 0
    assert f"{name} [-h]" in out
    assert " ".join(COMMANDS[name][1].split()[:3]) in " ".join(out.split())


def test_help_waits_for_no_library():
    """It answers at once: of what a command needs nothing is loaded before that command is called."""
    script = "import sys, grn_core.cli as cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\n"
    script += (
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stderr.split()) <= {"grn_core", "__main__", "_distutils_hack"}


@pytest.fixture
def served(monkeypatch):
    """Return what would take the place of this process."""
    found = []

    def taken(path: str, words: list[str], environment: dict[str, str]) -> None:
        assert environment["MALLOC_ARENA_MAX"] == os.environ.get("MALLOC_ARENA_MAX", "2")
        found.append((path, *words))

    monkeypatch.setattr("os.execve", taken)
    return found


def test_the_dashboard_takes_the_place_of_the_command(call, served, grn_home, tmp_path):
    home = tmp_path / "home"
    assert call("app", "--port=8600", "--home", home, "--", "--server.maxUploadSize=4096")[0] == 0
    ((program, *words),) = served
    assert program == words[0] == sys.executable
    assert words[words.index("run") + 1] == str(ROOT / "app.py")
    assert {"--server.address=127.0.0.1", "--server.port=8600", "--server.maxUploadSize=4096"} <= set(words)
    assert not [word for word in words if word.startswith(("--server.allowedHosts", "--server.baseUrlPath"))]
    assert os.environ["GRN_HOME"] == str(home)


def test_others_reach_the_dashboard_by_the_names_that_are_given_and_this_machine_by_its_own(call, served, grn_home):
    assert call("app", "--address=0.0.0.0", "--host=grn.lab", "--host=10.0.0.5", "--base=studio")[0] == 0
    hosts = {word.partition("=")[2] for word in served[0] if word.startswith("--server.allowedHosts")}
    assert hosts == {"localhost", "127.0.0.1", "grn.lab", "10.0.0.5"}
    assert "--server.baseUrlPath=studio" in served[0]


@pytest.mark.parametrize(
    ("screen", "opens"), [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "w"}, True)]
)
def test_a_browser_is_opened_where_there_is_a_screen(call, served, grn_home, monkeypatch, screen, opens):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in screen.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    call("app")
    call("app", "--headless")
    assert ["--server.headless=true" not in words for words in served] == [opens, False]


def test_the_dashboard_of_an_installation_is_that_of_the_package(tmp_path, monkeypatch):
    package = tmp_path / "grn_core"
    monkeypatch.setattr("grn_core.assets.files", lambda _: package)
    with pytest.raises(RequestError, match="the dashboard lies neither in"):
        app_script()
    for script in (tmp_path / "app.py", package / "_app" / "app.py"):
        script.parent.mkdir(exist_ok=True, parents=True)
        script.touch()
        assert app_script() == script


def test_an_installation_calls_itself_by_its_command(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/opt/bin/grn-studio", "--help"])
    assert build_parser().prog == "grn-studio"


def test_a_process_of_its_own_and_a_reader_that_leaves(grn_home):
    command = f"{sys.executable} -m grn_core datasets | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ref")


def test_torch_stays_out_until_it_is_needed():
    script = "import sys, grn_core.cli as cli; cli.main(['runs', 'list']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


# -------------------------------------------------------------------------------------------------------- progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_without_a_terminal_is_a_line_per_tenth():
    stream = io.StringIO()
    line = ProgressLine(stream)
    line(RunStatus("queued", stage="starting", message="starting a worker"))
    line(RunStatus("queued", stage="waiting", message="starting a worker"))
    line(RunStatus("queued", stage="waiting", message="place 2 in the queue", position=2))
    for done in range(101):
        line(RunStatus("running", stage="extract", done=done, total=100, fraction=done / 100, eta_s=100 - done))
    line(RunStatus("done"))
    line.close()
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["starting a worker", "place 2 in the queue"]
    assert len(lines) == 13
    assert lines[7] == "[############............]  50% extract 50/100, 1 second, about 50 seconds left"


def test_progress_on_a_terminal_is_one_line():
    stream = Terminal()
    line = ProgressLine(stream)
    for done in range(3):
        line(RunStatus("running", stage="extract", done=done, total=3, started=time.time(), updated=float(done)))
    line.close()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().count("\r\x1b[K") == 4


def test_tables_in_columns():
    assert table(("a", "name"), [(1, "x"), (22, "")]) == "a   name\n1   x\n22"


def test_tables_go_to_stdout_by_one_way_that_no_name_can_command():
    """`output.put_out` alone writes there, beside `output.say`."""
    rooms = Path(output.__file__).parent.glob("*.py")
    assert [one.name for one in rooms if "stdout.write(" in one.read_text(encoding="utf-8")] == ["output.py"]
