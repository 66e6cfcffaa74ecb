"""`python -m tests.fuzz.checkpoints`: damaged and invented checkpoints are checked, loaded and asked, and counted.

Whatever a folder holds, it must end within a minute as a model whose numbers are finite, or as one of our errors that
repeats no library's advice to load unsafely.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grn_core.errors import GrnError
from grn_core.extractors.in_memory import extract_for_pairs
from grn_core.hub.check import add, check
from grn_core.models.load import load_model
from tests.models.reading import hostile

LONGEST_S = 60
FAMILIES = ("scgpt", "scbenchmark", "scfoundation", "compact")
ADVICE = ("weights_only", "torch.load", "safe_globals", "arbitrary code", "Re-running", "pickle_module")
FAILURES = (
    "another error than ours",
    "refused without words",
    "more than a minute",
    "advice of a library",
    "numbers that are not finite",
)
MOST_GENES = 4
Damage = Callable[[Path, random.Random], object]


class TooLongError(Exception):
    """No answer within a minute."""


def weights_of(folder: Path) -> Path:
    """The file of a folder's weights."""
    return next(one for one in sorted(folder.rglob("*")) if one.suffix in (".pt", ".ckpt", ".safetensors"))


def any_file(folder: Path, rng: random.Random) -> Path:
    """The weights as often as all others together."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return weights_of(folder) if rng.random() < 0.5 else rng.choice(files)


def bits(folder: Path, rng: random.Random) -> None:
    """Some bits of a file are others, in its first or last part or anywhere."""
    path = any_file(folder, rng)
    content = bytearray(path.read_bytes())
    low, high = rng.choice([(0.0, 1.0), (0.0, 0.02), (0.98, 1.0)])
    for _ in range(rng.choice([1, 1, 3, 30])):
        at = int(rng.uniform(low, high) * (len(content) - 1))
        content[at] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def shorter(folder: Path, rng: random.Random) -> None:
    """A file ends early."""
    path = any_file(folder, rng)
    os.truncate(path, int(path.stat().st_size * rng.random()))


def longer(folder: Path, rng: random.Random) -> None:
    """Bytes are put in, at the front, at the end or anywhere."""
    path = any_file(folder, rng)
    content = path.read_bytes()
    at = rng.choice([0, len(content), rng.randrange(len(content) + 1)])
    path.write_bytes(content[:at] + rng.randbytes(rng.choice([1, 8, 4096])) + content[at:])


def replaced(folder: Path, rng: random.Random) -> None:
    """A file is of another kind altogether."""
    any_file(folder, rng).write_bytes(rng.choice(OTHER_KINDS))


def number(folder: Path, rng: random.Random) -> None:
    """A value of a card is another: of another sign, size or kind."""
    cards = [one for one in folder.rglob("*.json") if one.is_file()]
    if not cards:
        return bits(folder, rng)
    path = rng.choice(cards)
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict) and content:
        content[rng.choice(sorted(content))] = rng.choice(VALUES)
    path.write_text(json.dumps(content), encoding="utf-8")
    return None


def names(folder: Path, rng: random.Random) -> None:
    """The files of a folder change places, one is gone, or there is another model's card beside them."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    one, other = rng.choice(files), rng.choice(files)
    what = rng.randrange(4)
    if what == 0:
        one.unlink()
    elif what == 1:
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)
    elif what == 2:
        (folder / rng.choice(["config.json", "args.json", "card.json"])).write_text(
            json.dumps({"model_type": rng.choice(["bert", "llama", "gpt2"]), "hidden_size": 4096, "vocab_size": 32000}),
            encoding="utf-8",
        )
    else:
        for place in range(3000):
            (folder / f"more-{place}.pt").write_bytes(b"x")


def header(folder: Path, rng: random.Random) -> None:
    """A file of safetensors whose header declares what is not there."""
    shape = rng.choice([[2, 2], [10**9, 10**9], [-1, 4], [2**62], [0], [1] * 64])
    offsets = rng.choice([[0, 16], [0, 2**62], [16, 0], [-8, 8], [8, 24]])
    kind = rng.choice(["F32", "F8_E4M3", "BF16", "BOOL", "I64", "NOPE"])
    tensor = {"dtype": kind, "shape": shape, "data_offsets": offsets}
    text = json.dumps({"a": tensor, "b": {**tensor, "data_offsets": [4, 20]}}).encode()
    size = rng.choice([len(text), 2**40, 2**63, 0, 7])
    place = weights_of(folder)
    place.write_bytes(struct.pack("<Q", size) + text + bytes(64))
    place.rename(place.with_name("model.safetensors"))


def links(folder: Path, rng: random.Random) -> None:
    """A file is a link: to itself, out of the folder, to a device."""
    path = any_file(folder, rng)
    path.unlink()
    path.symlink_to(rng.choice([path.name, "/etc/passwd", "/dev/zero", "/proc/self/mem", "..", "nowhere"]))


def tensors(folder: Path, rng: random.Random) -> None:
    """One tensor is of other numbers, of another kind or shape."""
    path = weights_of(folder)
    value = rng.choice([float("nan"), float("inf"), 1e38, -1e30, 0.0])
    change = rng.choice(
        [hostile._all(value), hostile._put(lambda t: t * value), hostile._put(lambda t: t[..., :-1].clone()),
         hostile._put(lambda t: t.double()), hostile._put(lambda t: t.bool()), hostile._put(lambda t: t.half())]
    )  # fmt: skip
    if path.suffix == ".safetensors":
        hostile.safe_with(path.name, change)(path.parent)
    else:
        hostile.resaved(path.name, change, old=rng.random() < 0.3)(path.parent)


def named(folder: Path, rng: random.Random) -> None:
    """One of the damages that have a name."""
    path = weights_of(folder)
    kinds = hostile.BAD_SAFE if path.suffix == ".safetensors" else hostile.BAD_WEIGHTS
    kinds[rng.choice(sorted(kinds))][0](path.name)(path.parent)


OTHER_KINDS = (
    b"", b"\0" * 5000, hostile.POINTER, b"GGUF\x03\0\0\0" + struct.pack("<QQ", 2**60, 2**60), b"\x08\x07\x12\x07" * 9,
    b"\x89HDF\r\n\x1a\n" + bytes(900), b"PK\x03\x04" + bytes(900), b"PK\x05\x06" + bytes(18), b"<html>404</html>" * 9,
    b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.", b"\x80\x02" + b"(" * 100_000, b"[" * 100_000, b'{"a":' * 50_000,
    b"\x1f\x8b\x08" + bytes(90), b"ustar" * 300, b"\xff" * 3000, b"RDX3\nX\n", b"7z\xbc\xaf\x27\x1c",
)  # fmt: skip
VALUES = (
    -1, 0, 1, 7, 10**9, 2**63, -(2**70), 1e308, float("nan"), float("inf"), "", "x", "8", True, None, [], {}, [[]],
    "../../etc/passwd", "a" * 10_000, [1] * 1000, {"a": {"b": {}}}, "\u202e<b>",
)  # fmt: skip
DAMAGES: dict[str, Damage] = {
    "bits": bits, "shorter": shorter, "longer": longer, "another kind": replaced, "a number of a card": number,
    "names of files": names, "header of safetensors": header, "links": links, "tensors": tensors, "named": named,
}  # fmt: skip


@contextmanager
def within_a_minute() -> Iterator[None]:
    """Raise `TooLongError` instead of waiting for ever."""

    def late(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def asked(folder: Path) -> str:
    """Load a checkpoint and ask it a few genes; say what came of it."""
    model = load_model(folder, device="cpu")
    genes = list(model.vocabulary)[:MOST_GENES]
    found = extract_for_pairs(model, genes, np.array([[0, 1]]))
    if not all(np.isfinite(values).all() for values in found.values()):
        return "numbers that are not finite"
    return "loaded and asked"


def outcome(work: Callable[[], str]) -> str:
    """Say what came of looking at a folder."""
    try:
        with within_a_minute(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work()
    except TooLongError:
        return "more than a minute"
    except GrnError as error:
        said = str(error)
        if any(word in said for word in ADVICE):
            return "advice of a library"
        return "refused in our words" if error.found and (error.todo or error.needed) else "refused without words"
    except Exception:  # noqa: BLE001 (it is what is looked for)
        traceback.print_exc()
        return "another error than ours"


def tried(family: str, damage: str, seed: int) -> list[str]:
    """Damage a sound folder, and say what `check`, `add` and an inference make of it."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["GRN_HOME"] = f"{place}/home"
        rng = random.Random(seed)
        folder = hostile.sound(family, Path(place))
        DAMAGES[damage](folder, rng)
        return [
            f"check: {outcome(lambda: str(bool(check(folder)) and 'read'))}",
            f"add: {outcome(lambda: str(bool(add(folder, name='mine')) and 'read'))}",
            f"ask: {outcome(lambda: asked(folder))}",
        ]


def main() -> int:
    """Damage folders until the time is up, print the counts, and return 1 if anything came out as it must not."""
    parser = argparse.ArgumentParser(prog="tests.fuzz.checkpoints", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="decides what is drawn")
    given = parser.parse_args()
    until, total, n = time.time() + 60 * given.minutes, Counter[str](), 0
    print(f"seed {given.seed}", flush=True)
    while time.time() < until:
        family, damage = FAMILIES[n % len(FAMILIES)], list(DAMAGES)[n // len(FAMILIES) % len(DAMAGES)]
        found = tried(family, damage, given.seed * 1_000_000 + n)
        for said in found:
            total[said] += 1
            total[f"{damage}, {said}"] += 1
            if any(said.endswith(word) for word in FAILURES):
                print(f"{said}: {family}, {damage}, seed {given.seed * 1_000_000 + n}", flush=True)
        total[f"damage: {damage}"] += 1
        n += 1
    for name, count in sorted(total.items()):
        print(f"{count:>9,}  {name}")
    return int(any(name.endswith(word) for name in total for word in FAILURES))


if __name__ == "__main__":
    sys.exit(main())
