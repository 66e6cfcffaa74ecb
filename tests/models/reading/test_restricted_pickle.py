"""Dictionaries that are pickles: plain data comes back as it was, everything else is refused and never run."""

from __future__ import annotations

import os
import pickle
import pickletools
import struct
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grn_core.errors import ModelError
from grn_core.models.reading import restricted_pickle
from grn_core.models.reading.restricted_pickle import read_plain_pickle

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=9)
)
CONTENTS = st.recursive(
    SCALARS | st.tuples(SCALARS, SCALARS) | st.lists(SCALARS, max_size=5).map(tuple),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SCALARS, inner, max_size=4),
    max_leaves=20,
)
PLAIN = {"GATA1": 3, "<pad>": 0, "long": "x" * 300, "weight": 2.5, "nothing": None, "more": [1, "two", (3, 4.0)]}


def write(folder, content, *, protocol=4):
    data = content if isinstance(content, bytes) else pickle.dumps(content, protocol=protocol)
    path = folder / "dictionary.pkl"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_data_come_back_as_they_were(tmp_path, protocol):
    assert read_plain_pickle(write(tmp_path, PLAIN, protocol=protocol)) == PLAIN


@settings(deadline=None)
@given(content=CONTENTS, protocol=st.sampled_from([3, 4, 5]))
def test_whatever_is_plain_comes_back(tmp_path_factory, content, protocol):
    path = write(tmp_path_factory.mktemp("plain"), content, protocol=protocol)
    assert read_plain_pickle(path) == content


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize(
    "number",
    [np.int16(-7), np.int64(2**62), np.uint8(255), np.float64(np.pi), np.float32(0.1), np.bool_(True), np.float16(2)],
)
def test_numpy_scalars_become_numbers(tmp_path, number, protocol):
    found = read_plain_pickle(write(tmp_path, {"a": number, "b": number}, protocol=protocol))
    assert found == {"a": number.item(), "b": number.item()}
    assert type(found["a"]) is type(number.item())


def test_bytes_may_stand_in_the_other_order(tmp_path):
    data = pickle.dumps({"a": np.int16(513)}, protocol=4).replace(b"\x8c\x01<", b"\x8c\x01>")
    assert read_plain_pickle(write(tmp_path, data)) == {"a": 258}


def test_the_name_that_older_numpy_wrote_is_known(tmp_path):
    data = pickle.dumps({"a": np.float64(2.5)}, protocol=3)
    assert b"numpy._core.multiarray" in data
    assert read_plain_pickle(write(tmp_path, data.replace(b"numpy._core.multi", b"numpy.core.multi"))) == {"a": 2.5}


class Calls:
    """Pickles to a call of a function, as hostile files do."""

    def __init__(self, function, *arguments, state=None):
        self.parts = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self):
        return self.parts


class Thing:
    """Any object of a class."""

    def __init__(self):
        self.harmless = 1


def text(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


def named(module, name):
    return text(module) + text(name) + b"\x93"


def doubling_tuples(depth):
    """A tuple of the tuple before, twice, and so on: hashing or printing it would take 2 ** depth steps."""
    return b"\x80\x04)\x94" + b"".join(b"h" + bytes([i]) + b"h" + bytes([i]) + b"\x86\x94" for i in range(depth)) + b"."


def hash_alike(number):
    """An integer whose hash is 1: many of them as keys would be compared each with each."""
    return pickle.dumps(1 + (2**61 - 1) * (2**70 + number), protocol=4)[2:-1]


def list_in_itself():
    return b"\x80\x04]\x94h\x00a."


SCALAR = named("numpy._core.multiarray", "scalar")
FLOAT = named("numpy", "dtype") + text("f8") + b"\x89\x88\x87R"
MKDIR = Calls(os.mkdir, "hostile-was-here")
HOSTILE = {
    "a call": MKDIR,
    "a call among the values": {"GATA1": 1, "TP53": MKDIR},
    "a call as a key": {"GATA1": 1, (MKDIR,): 2},
    "a call in a call": Calls(getattr, MKDIR, "real"),
    "os.system": Calls(os.system, "mkdir hostile-was-here"),
    "eval": Calls(eval, "__import__('os').mkdir('hostile-was-here')"),
    "exec as a global alone": b"\x80\x04" + named("builtins", "exec") + b".",
    "a global of protocol 0": b"cos\nsystem\n(S'mkdir hostile-was-here'\ntR.",
    "an instance of protocol 0": b"(S'mkdir hostile-was-here'\nios\nsystem\n.",
    "an object of protocol 0": b"(cos\nsystem\nS'mkdir hostile-was-here'\no.",
    "a nested global": b"\x80\x04" + named("numpy", "os.system") + text("mkdir hostile-was-here") + b"\x85R.",
    "a global by way of numpy": b"\x80\x04" + named("numpy.core.multiarray", "scalar.__class__") + b".",
    "a name that is no text": b"\x80\x04" + text("os") + b"K\x01\x93.",
    "an array": np.arange(3),
    "an array's reconstruction": b"\x80\x04" + named("numpy._core.multiarray", "_reconstruct") + b".",
    "numpy that loads": Calls(np.load, "other.npy"),
    "a numpy object type": b"\x80\x04"
    + SCALAR
    + named("numpy", "dtype")
    + text("O8")
    + b"\x89\x88\x87R"
    + b"C\x00\x86R.",
    "a numpy type with fields": np.dtype([("a", "f8")]),
    "a numpy type as content": np.dtype("f8"),
    "a numpy type with metadata": np.dtype("f8", metadata={"a": 1}),
    "a numpy text": np.str_("GATA1"),
    "a numpy date": np.datetime64("2026-01-01"),
    "a numpy scalar that is too short": b"\x80\x04" + SCALAR + FLOAT + b"C\x04abcd\x86R.",
    "a numpy scalar without bytes": b"\x80\x04" + SCALAR + FLOAT + text("abcdefgh") + b"\x86R.",
    "a numpy scalar of other arguments": b"\x80\x04" + SCALAR + text("f8") + b"C\x08abcdefgh\x86R.",
    "a state of a function": b"\x80\x04" + SCALAR + b"}" + text("__doc__") + text("gone") + b"sb.",
    "a state of a text": b"\x80\x04" + text("GATA1") + b"}b.",
    "an object": Thing(),
    "a class": Thing,
    "a new object": b"\x80\x04" + named("numpy", "dtype") + b")\x81.",
    "a new object with keywords": b"\x80\x04" + named("numpy", "dtype") + b")}\x92.",
    "an extension": b"\x80\x02\x82\x01.",
    "a persistent id": b"\x80\x04" + text("id") + b"Q.",
    "a call of a text": b"\x80\x04" + text("os.system") + text("ls") + b"\x85R.",
    "a buffer from outside": b"\x80\x05\x97.",
    "bytes as content": {"GATA1": b"code"},
    "changing bytes": {"GATA1": bytearray(b"code")},
    "a set": {"GATA1"},
    "a complex number": 1j,
    "a container as a key": {(1, (2, 3)): 1},
    "a tuple of containers": {"GATA1": ([1],)},
    "a huge integer": {"GATA1": 2**70},
    "an integer of a million digits": b"\x80\x04\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6 + b".",
    "tuples that double": doubling_tuples(60),
    "a list that holds itself": list_in_itself(),
    "a container used twice": b"\x80\x04]\x94](h\x00h\x00e.",
    "a container used twice, stored by way of a state": b"\x80\x04]Nb\x94](h\x00h\x00e.",
    "a container used twice, stored by way of a recall": b"\x80\x04]\x94h\x00\x94](h\x01h\x01e.",
    "a tuple that takes years to hash": doubling_tuples(60)[:-1] + b"}h\x3cK\x01s.",
    "memory of a gigabyte": b"\x80\x04K\x01r\x00\x00\x00\x04.",
    "another attribute of what stands for numpy": b"\x80\x04" + SCALAR + b"N}" + text("name") + text("x") + b"s\x86b.",
    "numbers that all hash alike": b"\x80\x04}(" + b"".join(hash_alike(n) + b"N" for n in range(9)) + b"u.",
    "memory never written": b"\x80\x04h\x09.",
    "a list that never began": b"\x80\x04K\x01e.",
    "entries of a number": b"\x80\x04K\x01(K\x01K\x02u.",
    "a key without a value": b"\x80\x04}(K\x01u.",
    "values below a mark": b"\x80\x04K\x01(\x85.",
    "nothing": b"\x80\x04.",
    "two values": b"\x80\x04K\x01K\x02.",
    "a mark": b"\x80\x04(.",
    "bytes after the end": pickle.dumps(PLAIN) + b"more",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_at_once_and_nothing_in_it_is_run(tmp_path, monkeypatch, content):
    path = write(tmp_path, content)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    doc, started = restricted_pickle.__doc__, time.process_time()
    with pytest.raises(ModelError, match=r"dictionary\.pkl holds .*no code in this one was run"):
        read_plain_pickle(path)
    assert time.process_time() - started < 20  # what doubles 60 times would take years
    assert list(work.iterdir()) == []
    assert restricted_pickle.__doc__ == doc
    assert np._core.multiarray.scalar.__doc__ != "gone"


def test_these_files_are_hostile(tmp_path, monkeypatch):
    """Python's own reader runs what is in them: without that, the tests above would show nothing."""
    for name in ("a call", "a call among the values", "os.system", "eval", "a global of protocol 0"):
        work = tmp_path / name.replace(" ", "-")
        work.mkdir()
        path = write(work, HOSTILE[name])
        monkeypatch.chdir(work)
        pickle.loads(path.read_bytes())  # noqa: S301
        assert (work / "hostile-was-here").is_dir()


def test_a_deep_nest_is_read_without_running_out_of_stack(tmp_path):
    depth = 200_000
    found = read_plain_pickle(write(tmp_path, b"\x80\x04" + b"]" * depth + b"a" * (depth - 1) + b"."))
    while found:
        (found,) = found
        depth -= 1
    assert depth == 1


def test_size_and_steps_are_limited(tmp_path, monkeypatch):
    path = write(tmp_path, PLAIN)
    steps = sum(1 for _ in pickletools.genops(path.read_bytes()))
    monkeypatch.setattr(restricted_pickle, "MAX_STEPS", steps)
    monkeypatch.setattr(restricted_pickle, "MAX_BYTES", path.stat().st_size)
    assert read_plain_pickle(path) == PLAIN
    monkeypatch.setattr(restricted_pickle, "MAX_STEPS", steps - 1)
    with pytest.raises(ModelError, match="instructions"):
        read_plain_pickle(path)
    monkeypatch.setattr(restricted_pickle, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(ModelError, match="MiB"):
        read_plain_pickle(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"{}", b"\x80\x04K", b"\x80\x04\x8d" + b"\xff" * 8 + b"GATA1", b"\x80\x04\x8c\x02\xff\xfe."],
)
def test_other_bytes_are_no_pickle(tmp_path, content):
    with pytest.raises(ModelError, match="cannot be read as a pickle"):
        read_plain_pickle(write(tmp_path, content))


def test_a_cut_file_is_an_error_wherever_it_is_cut(tmp_path):
    data = pickle.dumps({"GATA1": np.int16(3), "TP53": 2.5}, protocol=4)
    for size in range(len(data)):
        with pytest.raises(ModelError):
            read_plain_pickle(write(tmp_path, data[:size]))


@settings(deadline=None)
@given(data=st.binary(max_size=60))
@example(data=b"tt")  # takes from a stack that is empty
def test_no_bytes_do_worse_than_an_error(tmp_path_factory, data):
    path = write(tmp_path_factory.mktemp("bytes"), b"\x80\x04" + data + b".")
    try:
        read_plain_pickle(path)
    except ModelError:
        return


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"absent\.pkl"):
        read_plain_pickle(tmp_path / "absent.pkl")
