"""A checkpoint that is damaged or means harm is refused in our words and soon; nothing of it is run or built."""

from __future__ import annotations

import json
import signal
import time
from contextlib import contextmanager

import pytest
import torch

from grn_core.__main__ import main
from grn_core.errors import ModelError
from grn_core.hub.check import add, check, doubts
from grn_core.models.folders import registered
from grn_core.models.load import load_model
from tests.models.reading import hostile

ADVICE = ("weights_only", "torch.load", "safe_globals", "arbitrary", "Re-running", "pickle_module", "\x1b")
JSON_FILES = {"scgpt": "args.json", "compact": "card.json"}
WEIGHTS = {"scgpt": "best_model.pt"}
SAFE_FILES = {"compact": "model.safetensors"}
CASES = {
    **{f"{file}: {what}": (family, make(file), words)
       for family, file in JSON_FILES.items() for what, (make, words) in hostile.BAD_JSON.items()},
    **{f"{file}: {what}": (family, make(file), words)
       for family, file in WEIGHTS.items() for what, (make, words) in hostile.BAD_WEIGHTS.items()},
    **{f"{file}: {what}": (family, make(file), words)
       for family, file in SAFE_FILES.items() for what, (make, words) in hostile.BAD_SAFE.items()},
    **hostile.BAD_VALUES,
}  # fmt: skip
"""What -> family, how, words of the refusal."""
OTHERS = {
    f"{family}: {what}": (family, hostile.BAD_WEIGHTS[what][0](file), hostile.BAD_WEIGHTS[what][1])
    for family, file in {"scfoundation": "models.ckpt", "scbenchmark": "best_model.pt"}.items()
    for what in ("cut", "one bit", "a pointer", "code", "4 TB", "no numbers", "tuples in tuples", "sparse")
}


@contextmanager
def soon(seconds=30):
    """Fail instead of waiting for ever."""

    def late(*_):
        message = f"no answer in {seconds} s"
        raise TimeoutError(message)

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.rglob("hostile-was-here"))


@pytest.mark.parametrize("family", ["scgpt", "scbenchmark", "scfoundation", "compact"])
def test_the_sound_folders_load(family, tmp_path):
    assert len(load_model(hostile.sound(family, tmp_path), device="cpu").vocabulary) > 4


@pytest.mark.parametrize("what", [*CASES, *OTHERS])
def test_a_hostile_folder_is_refused_in_words(what, tmp_path):
    family, damage, words = (CASES | OTHERS)[what]
    if family.startswith("geneformer"):
        pytest.importorskip("transformers")
    folder = hostile.sound(family, tmp_path)
    damage(folder)
    with soon(), pytest.raises(ModelError, match=words) as caught:
        load_model(folder, device="cpu")
    said = str(caught.value)
    assert caught.value.todo
    assert len(said) < 2000
    assert not [one for one in ADVICE if one in said]


@pytest.mark.geneformer
@pytest.mark.parametrize("what", ["cut", "code", "no numbers", "a pointer"])
def test_a_hostile_file_of_geneformer_is_refused_in_words(what, tmp_path):
    family, file = ("geneformer_v1", "pytorch_model.bin")
    folder = hostile.sound(family, tmp_path)
    make, words = hostile.BAD_WEIGHTS[what]
    make(file)(folder)
    with soon(60), pytest.raises(ModelError, match=words):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("what", ["best_model.pt: code", "best_model.pt: no numbers", "args.json: a pipe"])
def test_neither_the_check_nor_the_list_takes_it(what, tmp_path, capsys):
    family, damage, words = CASES[what]
    folder = hostile.sound(family, tmp_path)
    damage(folder)
    with soon(), pytest.raises(ModelError, match=words):
        check(folder)
    with soon(), pytest.raises(ModelError, match=words):
        add(folder, name="mine")
    assert registered() == []
    with soon():
        assert main(["models", "check", str(folder)]) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert not [one for one in ADVICE if one in told]


def test_a_vocabulary_that_fits_nothing_is_told(tmp_path, capsys):
    folder = hostile.sound("compact", tmp_path)
    assert check(folder).warnings == ()
    (folder / "vocabulary.txt").write_text("A1x B2x C3x D4x SPI1-like", encoding="utf-8")
    (warning,) = check(folder).warnings
    assert "Only 0 of the 5 names" in warning
    assert list(add(folder, name="mine").card["warnings"]) == [warning]
    assert main(["models", "check", str(folder)]) == 0
    assert warning in capsys.readouterr().err
    assert doubts(("SPI1", "x1", "x2", "x3")) == ()
    assert doubts(("SPI1", "x1", "x2", "x3", "x4", "x5"))


@pytest.mark.parametrize("wrapper", ["model_state_dict", "state_dict"])
def test_the_file_of_a_training_gives_its_tensors(wrapper, tmp_path):
    folder = hostile.sound("scgpt", tmp_path)
    plain = load_model(folder, device="cpu").network.state_dict()
    wrap = lambda tensors: {wrapper: {f"model.{name}": one for name, one in tensors.items()}, "epoch": 3}  # noqa: E731
    hostile.resaved("best_model.pt", wrap)(folder)
    found = load_model(folder, device="cpu").network.state_dict()
    assert all(torch.equal(found[name], one) for name, one in plain.items())


def test_files_of_an_old_torch_and_links_of_a_hub_cache_are_read(tmp_path):
    snapshots = tmp_path / "models--x" / "snapshots"
    snapshots.mkdir(parents=True)
    folder = hostile.sound("scgpt", tmp_path).rename(snapshots / "abc")
    hostile.resaved("best_model.pt", lambda _: None, old=True)(folder)
    (tmp_path / "models--x" / "blobs").mkdir()
    (folder / "best_model.pt").rename(tmp_path / "models--x" / "blobs" / "123")
    (folder / "best_model.pt").symlink_to("../../blobs/123")
    started = time.process_time()
    assert load_model(folder, device="cpu").record.family == "scgpt"
    assert time.process_time() - started < 60


def test_there_are_a_hundred_of_them():
    assert len(CASES) + len(OTHERS) >= 100
    json.dumps(sorted(CASES))
