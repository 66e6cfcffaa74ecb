"""Linux's Landlock through ctypes: a process gives up the right to all files but those that it names, for good."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on every architecture that Python is built for."""
VERSION, PATH_BENEATH = 1, 1
NO_NEW_PRIVS = 38

WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_REG = 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8
TRUNCATE = 1 << 14
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE
OF_A_FILE = READ_FILE | WRITE_FILE | TRUNCATE
"""Rights that a rule on a single file may name."""
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Version of the interface -> all rights on files that it knows; later versions know no more of them."""
NETWORK, SCOPES = 0b11, 0b11
"""Binding and connecting TCP; signals and abstract sockets beyond the process's own domain."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock's interface that the kernel offers, 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _call(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION)))


def confine(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Leave this process nothing but reading some files and folders, and reading and writing others.

    Parameters
    ----------
    readable, writable
        Files and folders; a folder stands for all that lies in it. What does not exist is passed over.

    Returns
    -------
    bool
        Whether the kernel has granted it. Running programs, making links and, where the kernel knows it, TCP are then
        denied as well. What is open already stays open.
    """
    known = version()
    if not known:
        return False
    rights = RIGHTS[min(known, max(RIGHTS))]
    wanted = _Ruleset(rights, NETWORK if known >= 4 else 0, SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = _call(CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        allowed = [(path, READ) for path in readable] + [(path, WRITE) for path in writable]
        if not all(_allow(rules, path, right & rights) for path, right in allowed if path.exists()):
            return False
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
            return False
        return _call(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0)) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, right: int) -> bool:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(right if path.is_dir() else right & OF_A_FILE, place)
        return (
            _call(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
            == 0
        )
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return int(call(ctypes.c_long(number), *arguments))
