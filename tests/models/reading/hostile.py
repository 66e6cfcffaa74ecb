"""Checkpoint folders that are damaged, of something else, or mean harm, each made by code of a sound one."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from grn_core.models.compact.network import CompactNetwork, CompactShape
from tests.models.published import FIXTURES
from tests.models.tiny import tiny_record

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 200000000\n"
Damage = Callable[[Path], object]


def sound(family: str, folder: Path) -> Path:
    """Copy a small checkpoint of a family; return its folder."""
    if family == "compact":
        return _compact(folder / "mine")
    if family.startswith("geneformer"):
        whole = shutil.copytree(FIXTURES / family, folder / "published")
        return next(whole.glob("Geneformer-*"))
    name = {"scgpt": "scgpt_inproj", "scbenchmark": "scbenchmark_small", "scfoundation": "scfoundation_small"}[family]
    return Path(shutil.copytree(FIXTURES / name, folder / "mine"))


def _compact(folder: Path) -> Path:
    folder.mkdir()
    shape = {"n_conditions": 3, "width": 8, "heads": 2, "layers": 1, "feedforward": 16}
    genes = ["SPI1", "GATA1", "TAL1", "KLF1", "CD14"]
    tensors = CompactNetwork(CompactShape(5, **shape)).state_dict()
    more = {"reference_mean": torch.zeros(5), "reference_sd": torch.ones(5)}
    save_file({**tensors, **more}, folder / "model.safetensors")
    (folder / "vocabulary.txt").write_text("\n".join(genes), encoding="utf-8")
    card = {**vars(tiny_record(n_genes=5, width=8)), "shape": shape}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


# --- any file --------------------------------------------------------------------------------------------------------


def written(name: str, content: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(content)


def cut(name: str, size: int) -> Damage:
    return lambda folder: os.truncate(folder / name, size)


def piped(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return damage


def linked(name: str, target: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return damage


def moved_out(name: str) -> Damage:
    """The file lies elsewhere, and a link leads there."""

    def damage(folder: Path) -> None:
        (folder.parent / "elsewhere").mkdir()
        target = (folder / name).rename(folder.parent / "elsewhere" / name)
        (folder / name).symlink_to(target)

    return damage


def a_folder(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return damage


def flipped(name: str, at: float) -> Damage:
    """One bit of the file is another."""

    def damage(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[int(at * len(content))] ^= 8
        (folder / name).write_bytes(content)

    return damage


# --- JSON ------------------------------------------------------------------------------------------------------------


def with_values(name: str, **values: Any) -> Damage:
    """Some values of a JSON object are others."""

    def damage(folder: Path) -> None:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps({**content, **values}), encoding="utf-8")

    return damage


def longer(folder: Path) -> None:
    """The vocabulary has five names more."""
    ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    more = {f"MORE{number}": len(ids) + number for number in range(5)}
    (folder / "vocab.json").write_text(json.dumps({**ids, **more}), encoding="utf-8")


def without_value(name: str, key: str) -> Damage:
    def damage(folder: Path) -> None:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        del content[key]
        (folder / name).write_text(json.dumps(content), encoding="utf-8")

    return damage


BAD_JSON: dict[str, tuple[Callable[[str], Damage], str]] = {
    "cut": (lambda name: cut(name, 40), "cannot be read as JSON"),
    "empty": (lambda name: cut(name, 0), "cannot be read as JSON"),
    "a list": (lambda name: written(name, b"[1, 2]"), "holds a list"),
    "nothing": (lambda name: written(name, b"null"), "holds a NoneType"),
    "other bytes": (lambda name: written(name, bytes(range(256))), "cannot be read as text"),
    "very deep": (lambda name: written(name, b"[" * 200_000), "cannot be read as JSON"),
    "very long": (lambda name: written(name, b'{"a": ' + b"9" * 100_000 + b"}"), "cannot be read as JSON"),
    "very large": (lambda name: cut(name, 70 * 2**20), "MB are the most"),
    "a pointer": (lambda name: written(name, POINTER), "Git LFS"),
    "a pipe": (piped, "pipe or a device"),
    "a device": (lambda name: linked(name, "/dev/zero"), "pipe or a device"),
    "a folder": (a_folder, "it is a folder"),
    "a link out": (moved_out, "out of its folder"),
    "a link to nothing": (lambda name: linked(name, "nowhere"), "there is no such file"),
}
"""What -> how, and words of the refusal."""


# --- PyTorch's files -------------------------------------------------------------------------------------------------


def resaved(name: str, change: Callable[[dict[Any, Any]], Any], *, old: bool = False) -> Damage:
    """The tensors are others: `change` returns what is saved, or nothing where it changes the dictionary."""

    def damage(folder: Path) -> None:
        found = torch.load(folder / name, weights_only=True)
        changed = change(_tensors(found))
        content = found if changed is None else changed
        torch.save(content, folder / name, _use_new_zipfile_serialization=not old)

    return damage


def _tensors(found: dict[Any, Any]) -> dict[Any, Any]:
    return found["gene"]["state_dict"] if "gene" in found else found


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("hostile-was-here",)


def _first(tensors: dict[Any, Any]) -> str:
    return next(name for name, tensor in tensors.items() if tensor.is_floating_point() and tensor.ndim > 1)


def _put(value: Callable[[torch.Tensor], Any]) -> Callable[[dict[Any, Any]], None]:
    def change(tensors: dict[Any, Any]) -> None:
        name = _first(tensors)
        tensors[name] = value(tensors[name])

    return change


def _all(value: float) -> Callable[[dict[Any, Any]], None]:
    def change(tensors: dict[Any, Any]) -> None:
        tensors.update({k: torch.full_like(v, value) for k, v in tensors.items() if v.is_floating_point()})

    return change


def tuples_in_tuples(name: str) -> Damage:
    """A few hundred bytes of a pickle whose one key holds itself on 2^60 ways: hashing it takes years."""

    def damage(folder: Path) -> None:
        plan = b"\x80\x02}))\x86q\x00"
        for place in range(60):
            plan += b"h" + bytes([place]) + b"h" + bytes([place]) + b"\x86q" + bytes([place + 1])
        _archive(folder / name, {"archive/data.pkl": plan + b"K\x01s.", "archive/version": b"3\n"})

    return damage


def packed(name: str) -> Damage:
    """The parts of the file are packed: a small one could hold very much."""

    def damage(folder: Path) -> None:
        parts = {"archive/data.pkl": pickle.dumps({}, 2), "archive/data/0": bytes(10**7)}
        _archive(folder / name, parts, zipfile.ZIP_DEFLATED)

    return damage


def nested(name: str) -> Damage:
    """The file is an archive that holds the checkpoint."""

    def damage(folder: Path) -> None:
        _archive(folder / name, {"weights.pt": (folder / name).read_bytes()})

    return damage


def script(name: str) -> Damage:
    """The file holds code, as TorchScript does."""
    parts = {"archive/data.pkl": pickle.dumps(Hostile(), 2), "archive/code/main.py": b"import os"}
    return lambda folder: _archive(folder / name, parts)


def taped(name: str) -> Damage:
    def damage(folder: Path) -> None:
        whole = io.BytesIO()
        with tarfile.open(fileobj=whole, mode="w") as tar:
            tar.add(folder / name, arcname=name)
        (folder / name).write_bytes(whole.getvalue())

    return damage


def _archive(path: Path, parts: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _sparse(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to_sparse()


BAD_WEIGHTS: dict[str, tuple[Callable[[str], Damage], str]] = {
    "empty": (lambda name: cut(name, 0), "cannot be read as plain tensors"),
    "cut": (lambda name: cut(name, 60_000), "cut off or damaged"),
    "one bit": (lambda name: flipped(name, 0.6), "is damaged"),
    "a pointer": (lambda name: written(name, POINTER), "Git LFS"),
    "a pipe": (piped, r"pipe or a device|no \.pt file|no model of a known"),
    "a device": (lambda name: linked(name, "/dev/zero"), r"pipe or a device|no \.pt file|no model of a known"),
    "a link out": (moved_out, "out of its folder"),
    "text": (lambda name: written(name, b"<html>not found</html>" * 9), "cannot be read as plain tensors"),
    "code": (lambda name: resaved(name, lambda _: {"weight": Hostile()}), "names code: '?posix.mkdir"),
    "a pickle": (lambda name: written(name, pickle.dumps(Hostile())), "instructions that tensors do not need"),
    "a module": (lambda name: resaved(name, lambda _: torch.nn.Linear(2, 2)), "names code: torch.nn"),
    "an archive in an archive": (nested, "an archive of something else"),
    "packed": (packed, "it is packed"),
    "script": (script, "names code"),
    "a tape": (taped, "cannot be read as plain tensors"),
    "tuples in tuples": (tuples_in_tuples, "tuples that hold each other"),
    "numbers as names": (lambda name: resaved(name, lambda t: t.update({3: torch.zeros(2)})), "more than tensors: 3"),
    "pairs as names": (lambda name: resaved(name, lambda t: t.update({(1, 2): torch.zeros(2)})), "more than tensors"),
    "a number": (lambda name: resaved(name, lambda t: t.update(epoch=3)), "more than tensors: epoch"),
    "sparse": (lambda name: resaved(name, _put(_sparse)), "sparse_coo"),
    "nowhere": (lambda name: resaved(name, _put(lambda t: t.to("meta"))), "on meta"),
    "complex": (lambda name: resaved(name, _put(lambda t: t.to(torch.complex64))), "complex64"),
    "4 TB": (lambda name: resaved(name, _put(lambda _: torch.zeros(1).expand(10**6, 10**6))), "declares tensors of"),
    "no numbers": (lambda name: resaved(name, _all(float("nan"))), "NaN or infinite"),
    "one infinite": (lambda name: resaved(name, _put(lambda t: t.index_fill(0, torch.tensor([0]), torch.inf))), "1 of"),
    "another shape": (lambda name: resaved(name, _put(lambda t: t[:, :-1].clone())), "another shape|belongs to"),
    "old, with a bit": (
        lambda name: _both(resaved(name, lambda _: None, old=True), flipped(name, 0.0001)),
        "plain tensors",
    ),
    "old, cut": (lambda name: _both(resaved(name, lambda _: None, old=True), cut(name, 3000)), "plain tensors"),
}
"""What -> how, and words of the refusal."""


def _both(first: Damage, second: Damage) -> Damage:
    return lambda folder: (first(folder), second(folder))


# --- safetensors -----------------------------------------------------------------------------------------------------


def safe_with(name: str, change: Callable[[dict[str, torch.Tensor]], None]) -> Damage:
    def damage(folder: Path) -> None:
        tensors = load_file(folder / name)
        change(tensors)
        save_file(tensors, folder / name)

    return damage


def safe_header(name: str, header: dict[str, Any], *, size: int | None = None) -> Damage:
    text = json.dumps(header).encode()
    return written(name, struct.pack("<Q", len(text) if size is None else size) + text + bytes(64))


HUGE = {"x": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}}
BAD_SAFE: dict[str, tuple[Callable[[str], Damage], str]] = {
    "cut": (lambda name: cut(name, 300), "cannot be read"),
    "a pointer": (lambda name: written(name, POINTER), "Git LFS"),
    "a pipe": (piped, "pipe or a device"),
    "a link out": (moved_out, "out of its folder"),
    "4 TB": (lambda name: safe_header(name, HUGE), "cannot be read"),
    "a long header": (lambda name: safe_header(name, {}, size=2**62), "cannot be read"),
    "no numbers": (lambda name: safe_with(name, _all(float("nan"))), "NaN or infinite|finite number"),
    "another shape": (lambda name: safe_with(name, _put(lambda t: t[:, :-1].clone())), "another shape"),
    "nothing": (lambda name: safe_header(name, {}), "cannot be read|holds no tensor"),
}
"""What -> how, and words of the refusal."""

BAD_VALUES: dict[str, tuple[str, Damage, str]] = {
    "layers without end": ("scgpt", with_values("args.json", nlayers=10**7), "nlayers = 10,000,000"),
    "a width without end": ("scgpt", with_values("args.json", embsize=10**12, nheads=1), "embsize = 1,000,000,000,000"),
    "a wide layer": ("scgpt", with_values("args.json", d_hid=20_000), "of another shape"),
    "heads of text": ("scgpt", with_values("args.json", nheads="8"), "no sizes of a network"),
    "layers that are true": ("scgpt", with_values("args.json", nlayers=True), "no sizes of a network"),
    "bins of text": ("scgpt", with_values("args.json", n_bins="x"), "n_bins = 'x'"),
    "bins that are no number": ("scgpt", with_values("args.json", n_bins=float("nan")), "n_bins = nan"),
    "a length below 0": ("scgpt", with_values("args.json", max_seq_len=-1), "max_seq_len = -1"),
    "a longer vocabulary": ("scgpt", longer, "belongs to another checkpoint"),
    "ids of text": ("scgpt", with_values("vocab.json", A="one"), "are not 0 to"),
    "ids twice": ("scgpt", with_values("vocab.json", A=0), "are not 0 to"),
    "no width": ("scbenchmark", without_value("args.json", "embsize"), "lacks embsize"),
    "a structure that is a list": ("scbenchmark", with_values("args.json", model_structure=[]), "model_structure"),
    "more layers": ("scbenchmark", with_values("args.json", nlayers=10**9), "nlayers = 1,000,000,000"),
    "a mask of text": ("scbenchmark", with_values("args.json", mask_value="x"), "mask_value = 'x'"),
    "a table of genes that is cut": ("scfoundation", cut("gene_index.tsv", 100), "no table of genes|genes; needed: 60"),
    "a table of genes that is a pipe": ("scfoundation", piped("gene_index.tsv"), "pipe or a device"),
    "layers of Geneformer": ("geneformer_v2", with_values("config.json", num_hidden_layers=10**8), "num_hidden_layers"),
    "an eps of text": ("geneformer_v2", with_values("config.json", layer_norm_eps="x"), "layer_norm_eps = 'x'"),
    "no sizes": ("geneformer_v2", with_values("config.json", hidden_size=None), "no sizes of a network"),
    "a family that is a list": ("compact", with_values("card.json", family=["compact"]), "of the family"),
    "a family of nobody": ("compact", with_values("card.json", family="x" * 10_000), "of the family"),
    "no shape": ("compact", without_value("card.json", "shape"), "lacks shape"),
    "a shape without end": (
        "compact",
        with_values("card.json", shape={"n_conditions": 3, "width": 8, "heads": 2, "layers": 10**8}),
        "layers = 100,000,000",
    ),
    "no levels": ("compact", with_values("card.json", grid=[]), "grid = "),
    "levels that are no numbers": ("compact", with_values("card.json", grid=[float("nan")]), "grid = "),
    "levels out of range": ("compact", with_values("card.json", grid=[-9.0, 0.0]), "grid = "),
    "a background of text": ("compact", with_values("card.json", background="x"), "background = 'x'"),
    "genes below 0": ("compact", with_values("card.json", n_genes=-1), "n_genes = -1"),
    "no such readout": ("compact", with_values("card.json", default_readout="nope"), "default_readout = 'nope'"),
    "a readout of nobody": ("compact", with_values("card.json", readouts=["masked", "nope"]), "readouts = "),
    "a title that is a list": ("compact", with_values("card.json", title=[1]), "title = "),
    "a gene twice": ("compact", written("vocabulary.txt", b"SPI1 SPI1 TAL1 KLF1 CD14"), "4 of them different"),
    "genes that are other bytes": ("compact", written("vocabulary.txt", bytes(range(256))), "cannot be read as text"),
    "too few genes": ("compact", written("vocabulary.txt", b"SPI1 GATA1"), "n_genes"),
}
"""What -> family, how, and words of the refusal."""
