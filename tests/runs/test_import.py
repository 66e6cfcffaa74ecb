"""A network of another tool as a run: imported once by content, opened by pages, comparison and benchmark."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from grn_core.benchmark.references.uploads import read_upload, reference_path, uploaded
from grn_core.cli import import_network, main
from grn_core.datasets import read
from grn_core.datasets.isolation import reader
from grn_core.errors import DataError, HoldsGenesError, HoldsNetworkError, RunError
from grn_core.networks import read_edges
from grn_core.networks.exports import export
from grn_core.networks.imports.store import store_network
from grn_core.progress import silent
from grn_core.runs import ImportRequest, RunStatus, RunStore, manager
from grn_core.runs.jobs import job_kind
from pages.components.shared.messages import plain as plain_words
from tests.datasets.helpers import HUMAN, MOUSE
from tests.pages.app import open_page
from tests.pages.fabricated_run import fabricate_run

ADJACENCIES = "TF\ttarget\timportance\n" + "".join(
    f"{tf}\t{gene}\t{number}\n"
    for number, (tf, gene) in enumerate(
        (a, b) for a in ("SPI1", "GATA1", "CEBPA") for b in ("LYZ", "CD14", "KLF1", "MPO")
    )
)
LISTED = "SPI1\tLYZ\tActivation\t1\nSPI1\tCD14\tRepression\t2\nGATA1\tKLF1\tUnknown\t3\n"


def file(folder: Path, text: str = ADJACENCIES, name: str = "adj.tsv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def imported_run(path: Path, **options) -> str:
    """Import a file in this process; return the id of the run."""
    store, request = RunStore(), ImportRequest.of(path, **options)
    run_id = store.write_request(request)
    store.write_result(run_id, job_kind("import").run(request, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id


def test_the_command_imports_once_and_says_what_it_found(tmp_path, capsys, runs_here):
    path = file(tmp_path)
    out = tmp_path / "edges.tsv"
    assert main(["import", str(path), "-o", str(out), "--json"]) == 0
    told = capsys.readouterr()
    record = json.loads(told.out)
    assert record["result"]["score"]["title"].startswith("Adjacencies of pySCENIC")
    assert (
        record["result"]["score"] | {"signed": False, "scored": True, "probability": False} == record["result"]["score"]
    )
    assert (record["owner"], record["executor"]) == ("", "local")
    assert "12 edges of 3 TFs" in told.err
    assert read_edges(out)["score"].tolist() == list(range(11, -1, -1))
    moved = file(tmp_path, name="moved.tsv")
    path.unlink()
    assert main(["import", str(moved)]) == 0
    assert "computed before" in capsys.readouterr().err
    assert [info.request.file for info in RunStore().list_runs()] == [str(moved)]


def test_what_is_no_network_leaves_no_run(tmp_path, capsys):
    assert main(["import", str(file(tmp_path, "a\tb\n1\t2\n"))]) == 2
    assert main(["import", str(tmp_path / "absent.tsv")]) == 2
    told = capsys.readouterr().err
    assert "has the columns a, b" in told
    assert "there is no file" in told
    assert RunStore().list_runs() == []
    request = ImportRequest.of(path := file(tmp_path))
    path.write_text("changed", encoding="utf-8")
    with pytest.raises(RunError, match="not the one"):
        request.check()
    path.unlink()
    with pytest.raises(RunError, match="not here"):
        request.check()


def test_the_options_make_other_runs(tmp_path):
    path = file(tmp_path)
    plain, ranked = ImportRequest.of(path), ImportRequest.of(path, ranked=True)
    assert plain.run_id() == ImportRequest.of(file(tmp_path, name="same.tsv")).run_id()
    assert len({plain.run_id(), ranked.run_id(), ImportRequest.of(path, species="mouse").run_id()}) == 3


def test_a_species_that_is_recognised_anyway_makes_no_other_run(tmp_path):
    path = file(tmp_path)
    assert ImportRequest.of(path, species="human").run_id() == ImportRequest.of(path).run_id()
    assert ImportRequest.of(path, species="mouse").species == "mouse"
    doubtful = file(tmp_path, MIXED, name="doubt.tsv")
    assert ImportRequest.of(doubtful, species="human").species == "human", "it answers what is asked"


def test_the_page_says_of_an_upload_what_the_command_says_of_the_file(tmp_path, capsys, runs_here):
    text = ADJACENCIES + "SPI1\t*NoGene7*\t3\n"
    assert main(["import", str(file(tmp_path, text))]) == 0
    (run,) = RunStore().list_runs()
    notes = RunStore().record(run.run_id)["result"]["notes"]
    assert any("NoGene7" in note for note in notes)
    assert all(note in capsys.readouterr().err for note in notes[:1])
    app = open_page("pages/prepare/dataset.py")
    app.file_uploader[0].upload("adj.tsv", text.encode()).run()
    assert not app.exception
    assert {plain_words(note) for note in notes} <= {caption.value for caption in app.caption}


def test_a_file_is_parsed_once_for_the_check_and_the_run(tmp_path, monkeypatch):
    asked, ask = [], reader.ask
    monkeypatch.setattr(reader, "ask", lambda request, **more: asked.append(request["path"]) or ask(request, **more))
    request = ImportRequest.of(path := file(tmp_path, ADJACENCIES.replace("CD14", "Cd14\u00e9")))
    request.check()
    found = request.read()
    assert asked == [str(path)]
    assert found.edges["score"].tolist() == list(range(11, -1, -1))
    ImportRequest.of(path, score="importance").check()
    assert len(asked) == 2  # another word is another reading


def test_a_list_without_scores_says_that_its_order_is_no_ranking(tmp_path, capsys, runs_here):
    assert main(["import", str(file(tmp_path, LISTED))]) == 0
    assert "is no ranking" in capsys.readouterr().err
    assert main(["import", str(file(tmp_path, LISTED)), "--ranked"]) == 0
    told = capsys.readouterr().err
    assert "is no ranking" not in told
    assert "taken to stand best first" in told


def test_the_scores_of_a_column_that_is_named(tmp_path, capsys, runs_here):
    path = file(
        tmp_path, "tf,gene,p.val,lift,other\nSPI1,LYZ,0.5,2,x\nSPI1,CD14,0.1,3,y\nGATA1,KLF1,0.9,1,z\n", "n.csv"
    )
    plain = ImportRequest.of(path)
    assert plain.run_id() != ImportRequest.of(path, score="lift").run_id()
    assert main(["import", str(path), "--score", "lift", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["result"]["score"]["unit"], record["result"]["score"]["scored"]) == ("lift", True)
    assert main(["import", str(path), "--score", "lifts"]) == 2
    assert "one of tf, gene, p.val, lift, other" in capsys.readouterr().err
    assert main(["import", str(path), "--score", "other"]) == 2
    assert "'x'" in capsys.readouterr().err


def test_our_own_edges_come_back_with_their_probabilities(tmp_path):
    edges = RunStore().edges(fabricate_run(seed=3))
    export(edges, tmp_path / "edges.tsv")
    run_id = imported_run(tmp_path / "edges.tsv")
    again = RunStore().edges(run_id)
    assert again["probability"].tolist() == pytest.approx(edges["probability"].tolist(), rel=1e-5)
    app = open_page("pages/explore/targets.py", run=run_id)
    assert not app.exception
    assert "uncertainty" in again
    export(edges.assign(uncertainty=0.0), tmp_path / "edges.tsv")
    assert "uncertainty" not in RunStore().edges(imported_run(tmp_path / "edges.tsv")), "one seed scored them"
    assert "neither a model nor a cell behind it" in "".join(one.value for one in app.info)


@pytest.mark.parametrize("left_out", [[], ["uncertainty"]])
def test_nothing_is_said_of_the_seeds_of_a_table_that_is_imported(tmp_path, left_out):
    edges = RunStore().edges(fabricate_run(seed=3))
    export(edges, tmp_path / "edges.tsv")
    pd.read_csv(tmp_path / "edges.tsv", sep="\t").drop(columns=left_out).to_csv(
        tmp_path / "edges.tsv", sep="\t", index=False
    )
    app = open_page("pages/explore/targets.py", run=imported_run(tmp_path / "edges.tsv"))
    assert not app.exception
    (likely,) = [one for one in app.metric if one.label == "Probability"]
    said = " ".join([likely.proto.help, *(one.value for one in app.markdown)])
    assert "seed" not in said
    assert ("±" in likely.value) == ("**Uncertainty**" in said) == (not left_out)


@pytest.mark.parametrize(("text", "scored"), [(ADJACENCIES, True), (LISTED, False)])
def test_pages_open_it_without_model_cells_and_probability(tmp_path, text, scored):
    run_id = imported_run(file(tmp_path, text))
    for page in ("explore/network", "explore/targets", "explore/infer"):
        app = open_page(f"pages/{page}.py", run=run_id)
        assert not app.exception, page
        told = " ".join(one.value for one in (*app.caption, *app.info, *app.markdown))
        assert "calibrated" not in told
        if page != "explore/infer":
            assert ("no scores" in told) is not scored
        if page == "explore/targets":
            assert "neither a model nor a cell behind it" in told
            columns = set(app.dataframe[0].value.columns)
            assert ("score" in columns) is scored
            assert "probability" not in columns
            assert ("effect" in columns) is not scored


def test_compare_and_benchmark_know_it(tmp_path):
    lines = ADJACENCIES.replace("SPI1", "JUN").splitlines()
    unscored = "\n".join(line.rpartition("\t")[0] for line in lines)
    one, other = imported_run(file(tmp_path)), imported_run(file(tmp_path, unscored, "b.tsv"))
    app = open_page("pages/evaluate/compare.py", runs=f"{one},{other}")
    assert not app.exception
    assert {"adj.tsv", "b.tsv"} <= {word for text in app.markdown for word in text.value.replace("\\", "").split()}
    assert ["B has no scores that differ" in one.value for one in app.info] == [True]
    assert uploaded() == {f"run:{one}": "adj.tsv (imported)", f"run:{other}": "b.tsv (imported)"}
    assert reference_path(f"run:{one}").is_file()
    assert len(read_upload(f"run:{one}").edges) == 11  # the pair of score 0 is none
    with pytest.raises(DataError, match="no reference"):
        reference_path("run:0000000000000000")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("adj.tsv", ADJACENCIES),
        ("n.sif", "SPI1 activates LYZ\n"),
        ("n.gmt", "SPI1\tx\tLYZ\n"),
        ("n.graphml", "<?xml version='1.0'?><graphml/>"),
        ("n.cyjs", "{}"),
        ("base.csv", "peak_id,gene_short_name,SPI1,GATA1\nc1,LYZ,1,0\nc2,CD14,1,0\n"),
        ("wide.tsv", "TF\tGene\tRegion\t" + "\t".join("abcdefghijklmnop") + "\nSPI1\tLYZ\tr" + "\t1" * 16 + "\n"),
    ],
)
def test_a_network_among_cells_is_known_as_one(tmp_path, name, text):
    with pytest.raises(HoldsNetworkError) as caught:
        read(file(tmp_path, text, name))
    assert "import FILE" in caught.value.todo


def test_a_gene_list_among_cells_is_asked_as_one(tmp_path, capsys):
    path = file(tmp_path, "SPI1\nGATA1\nLYZ\nCD14\n", "genes.txt")
    with pytest.raises(HoldsGenesError):
        read(path)
    from grn_core.cli.parser import requests_of

    (asked,) = requests_of(["infer", str(path)])
    assert (asked.dataset_ref, asked.genes) == ("genes", ("CD14", "GATA1", "LYZ", "SPI1"))
    assert "is a gene list" in capsys.readouterr().err


def test_uploaded_networks_are_kept_once(tmp_path, monkeypatch):
    kept = store_network("../my net<1>.tsv", io.BytesIO(ADJACENCIES.encode()))
    assert kept == store_network("../my net<1>.tsv", io.BytesIO(ADJACENCIES.encode()))
    assert kept.name == "my net_1_.tsv"
    monkeypatch.setenv("GRN_MAX_UPLOAD_MB", "0")
    with pytest.raises(DataError, match="larger than 0 MB"):
        store_network("a.tsv", io.BytesIO(b"a"))


MIXED = "TF\ttarget\timportance\n" + "".join(
    f"{source}\t{target}\t{place}\n"
    for names in (HUMAN, MOUSE)
    for source in names[:3]
    for place, target in enumerate(names[3:])
)


def test_a_species_that_the_names_do_not_tell_is_asked(tmp_path, capsys, runs_here):
    path = file(tmp_path, MIXED)
    assert main(["import", str(path)]) == 2
    told = capsys.readouterr().err
    assert "Which species?" in told
    for words in ("--species=human", "--species=mouse", "--trust-guess"):
        assert words in told
    assert not RunStore().list_runs(), "nothing was computed"
    sizes = {}
    for options in (["--species", "human"], ["--species", "mouse"], ["--trust-guess"]):
        assert main(["import", str(path), "--json", *options]) == 0
        said = capsys.readouterr()
        sizes[options[-1]] = (json.loads(said.out)["result"]["species"], "It is doubtful which species" in said.err)
    assert sizes["human"] == ("human", False)
    assert sizes["mouse"] == ("mouse", False)
    assert sizes["--trust-guess"][1]


def test_the_command_that_is_shown_for_a_doubtful_import_is_not_refused(tmp_path, capsys, runs_here):
    path = file(tmp_path, MIXED)
    request = ImportRequest.of(path)
    assert main(import_network.words_of(request)) == 0, capsys.readouterr().err
    assert [info.run_id for info in RunStore().list_runs()] == [request.run_id()]
    assert "--trust-guess" not in import_network.words_of(ImportRequest.of(path, species="mouse"))


def test_the_page_asks_for_the_species_and_reads_it_again_as_answered(tmp_path, runs_here):
    run_id = imported_run(file(tmp_path, MIXED))
    (asked,) = RunStore().record(run_id)["result"]["questions"]
    other = next(one["word"] for one in asked["candidates"] if one["word"] != asked["guess"])
    app = open_page("pages/explore/infer.py", run=run_id)
    app.radio(key=f"species_{run_id}").set_value(other).run()
    app.button(key="species_answer").click().run()
    assert not app.exception
    again = app.query_params["run"]
    again = again if isinstance(again, str) else again[0]
    assert again != run_id
    assert RunStore().request(again).species == other


def test_another_column_of_scores_is_chosen_on_the_page(tmp_path, runs_here):
    text = "TF,target,first_number,second_number\nSPI1,CD14,3.5,0.2\nSPI1,LYZ,2.5,0.3\nGATA1,HBB,4.5,0.1\n"
    run_id = imported_run(file(tmp_path, text, "a.csv"))
    app = open_page("pages/explore/infer.py", run=run_id)
    assert app.button(key="score_column_use").disabled, "nothing else is chosen yet"
    app.radio(key=f"score_column_{run_id}").set_value("second_number").run()
    app.button(key="score_column_use").click().run()
    assert not app.exception
    again = app.query_params["run"]
    again = again if isinstance(again, str) else again[0]
    assert manager.wait(again, timeout_s=60).state == "done"
    assert RunStore().edges(again)[["source", "target"]].iloc[0].tolist() == ["SPI1", "LYZ"]
    assert RunStore().request(again).score == "second_number"
    rest = open_page("pages/explore/infer.py", run=again)
    assert rest.radio(key=f"score_column_{again}").value == "second_number"
    assert rest.button(key="score_column_use").disabled
