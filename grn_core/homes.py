"""The homes of those who use one installation: one each, below the home of the installation, for its owner alone.

A user is known by what the identity provider says: issuer and subject. The name of a home is a keyed hash of both, so
that neither who uses the installation nor where somebody's files lie follows from a list of names. The key lies beside
the homes; who moves an installation moves it along.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from grn_core.files import make_private
from grn_core.settings import KEY, USERS, installation_of, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = ".key"
SECRET_BYTES = 32
PRIVATE = 0o077
"""What the umask takes from everybody but the owner."""
_usual: list[int] = []
"""The umask with which this process was started, once it keeps what it makes private."""


def keep_private() -> None:
    """Let this process make files and folders that are for its own user of the system alone."""
    before = os.umask(PRIVATE)
    if before != PRIVATE:
        _usual[:] = [before]


@contextmanager
def kept_private() -> Iterator[None]:
    """Do as `keep_private` for the length of a ``with`` block."""
    before, usual = os.umask(PRIVATE), list(_usual)
    _usual[:] = [before]
    try:
        yield
    finally:
        os.umask(before)
        _usual[:] = usual


@contextmanager
def as_usual() -> Iterator[None]:
    """Let what is written in a ``with`` block be open to whom the user's own umask says: files that they asked for."""
    before = os.umask(_usual[0]) if _usual else None
    try:
        yield
    finally:
        if before is not None:
            os.umask(before)


def home_of(installation: Path, issuer: str, subject: str) -> Path:
    """Return the home of a user, and make it if it is not there.

    Parameters
    ----------
    installation
        Home of the installation.
    issuer, subject
        Who vouches for the user, and what the user is called there; only both together name one person.
    """
    home = _home_of(installation / USERS, issuer, subject)
    if not home.is_dir():
        make_private(home)
    return home


@lru_cache(maxsize=1024)
def _home_of(users: Path, issuer: str, subject: str) -> Path:
    told = json.dumps([issuer, subject]).encode()
    return users / hmac.new(_secret(users / SECRET), told, hashlib.sha256).hexdigest()[:32]


def homes(installation: Path | None = None) -> list[Path]:
    """Return every home of an installation, by default the present one: its own first, then those of its users."""
    root = settings().installation if installation is None else installation
    found: list[Path] = []
    with suppress(OSError):
        found = sorted(path for path in (root / USERS).iterdir() if KEY.fullmatch(path.name) and path.is_dir())
    return [root, *found]


def is_users(home: Path | None = None) -> bool:
    """Whether a home, by default the present one, is that of one user among others."""
    folder = settings().home if home is None else home
    return installation_of(folder) != folder


def within_reach(path: Path) -> bool:
    """Whether a path that was named may be read: any where there is one home; by a user among others, what is theirs.

    That is their home and the models of the installation: the server can read more than who visits it may.
    """
    now, whole = settings(), path.expanduser().resolve()
    return not is_users() or any(whole.is_relative_to(one.resolve()) for one in (now.home, now.models))


@lru_cache(maxsize=4)
def _secret(path: Path) -> bytes:
    """Return the key of an installation; the first who asks makes it.

    Nothing is written where it is there: whoever has a home gets into it on a full disk too.
    """
    with suppress(FileNotFoundError):
        return path.read_bytes()
    make_private(path.parent)
    draft = path.with_name(f"{SECRET}-{secrets.token_hex(8)}")
    try:
        with open(draft, "xb", opener=_private) as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        try:
            os.link(draft, path)  # whole or not at all, and never in the place of another
        except FileExistsError:
            pass
        except OSError:  # a disk without links: the first one to open it writes it
            with suppress(FileExistsError), open(path, "xb", opener=_private) as file:
                file.write(draft.read_bytes())
        return path.read_bytes()
    finally:
        draft.unlink(missing_ok=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
