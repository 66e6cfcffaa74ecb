"""``python -m grn_core models``."""

from __future__ import annotations

import json
import os
import shutil
import signal

import pytest

from grn_core import cli
from grn_core.hub.manifest import checkpoint
from grn_core.models.folders import registered
from grn_core.runs import RunStore
from grn_core.shell import start

FILES = ("args.json", "vocab.json", "best_model.pt")


@pytest.fixture
def call(capsys):
    """Run one command in this process; return exit code, stdout and stderr."""

    def run(*arguments) -> tuple[int, str, str]:
        return (cli.main(["models", *map(str, arguments)]), *capsys.readouterr())

    yield run
    for info in RunStore().list_runs():
        if info.status.active and info.status.pid:
            os.kill(info.status.pid, signal.SIGKILL)


def facts_of(out: str) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in out.splitlines()[1:] if len(line.split(maxsplit=1)) == 2)


def test_the_list_tells_what_is_here_from_what_can_be_had(call):
    code, out, err = call("list")
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert "bundled" in lines["compact"]
    assert "vvp, gdt" in lines["compact"]
    assert " no " in lines["scgpt-human"]
    assert "207 MB" in lines["scgpt-human"]
    rows = {row["name"]: row for row in json.loads(call("list", "--json")[1])}
    assert rows["compact"]["readouts"] == ["conditions", "masked", "plain"]
    assert rows["geneformer-v1-10m"]["n_bytes"] == 44_614_732
    assert "never downloads" in rows["scfoundation"]["notice"]


def test_a_folder_is_checked_named_found_and_taken_off(call, tiny):
    code, out, err = call("check", tiny)
    assert (code, "check: 1 of 1" in err) == (0, True)
    facts = facts_of(out)
    assert (facts["format"], facts["n_genes"], facts["extractors"]) == (
        "scgpt",
        "200",
        "vvp, gdt, pert, attn, emb, source, target, neighbours",
    )
    assert facts["coverage"].startswith("human genes: 200 of ")
    assert json.loads(call("check", tiny, "--json")[1])["readouts"] == ["mlm"]

    code, out, _ = call("add", tiny, "--name", "mine", "--title", "My own")
    assert (code, facts_of(out)["title"]) == (0, "My own")
    assert call("path", "mine") == (0, f"{tiny}\n", "")
    assert json.loads(call("check", "mine", "--json")[1])["folder"] == str(tiny)
    assert "folder" in next(line for line in call("list")[1].splitlines() if line.startswith("mine "))
    code, _, err = call("remove", "mine")
    assert (code, err) == (0, f"mine is off the list; its files stay in {tiny}\n")
    assert registered() == []


@pytest.mark.thorough
def test_a_checkpoint_is_pulled_refused_and_accepted(call, hub, tiny, monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT")
    monkeypatch.setitem(os.environ, "HF_ENDPOINT", "http://127.0.0.1:9")  # put back after the test
    known = checkpoint("scgpt-human")
    hub.hold(known.repo, tiny, *FILES)
    code, out, err = call("pull", "scgpt-human", "--endpoint", hub.url)
    assert (code, out) == (2, "")
    assert "scGPT whole-human, 207 MB; licence: MIT" in err
    last = err.splitlines()[-1]
    assert last.startswith("error: the checksum of")
    typed = last.split("`")[1]
    assert typed.startswith(f"{start()} models pull scgpt-human ")
    accepted = typed.removeprefix(f"{start()} models ").split()
    assert accepted.count("--accept") == 2
    code, out, err = call(*accepted)
    assert code == 0, err
    assert facts_of(out)["source"] == "scgpt-human"
    assert call("path", "scgpt-human") == (0, f"{known.folder}\n", "")
    assert "downloaded" in next(line for line in call("list")[1].splitlines() if line.startswith("scgpt-human "))


def test_files_placed_by_hand_need_no_network(call, tiny, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = call("path", "scgpt-blood")[1].strip()
    code, _, err = call("pull", "scgpt-blood")
    assert code == 2
    assert "does not download scGPT blood" in err
    assert "drive.google.com" in err
    shutil.copytree(tiny, folder)
    code, out, err = call("pull", "scgpt-blood")
    assert code == 0, err
    assert facts_of(out)["folder"] == folder


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere"], "there is no foundation model 'nowhere'"),
        (["check", "/no/where"], "there is no folder /no/where"),
        (["check", "scgpt-human"], "lacks args.json, vocab.json, best_model.pt"),
        (["pull", "nowhere"], "there is no published checkpoint 'nowhere'"),
        (["pull", "scgpt-human", "--accept", "0" * 64], "was found to have the checksum 000"),
        (["path", "nowhere"], "there is no foundation model 'nowhere'"),
        (["remove", "compact"], "no folder has the name 'compact'"),
        (["add", "/no/where"], "there is no folder /no/where"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(call, arguments, words):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("error: ")
    assert words in err
    assert RunStore().list_runs() == []
