"""Whether visitors must log in here, as the secrets of the app say; without the app and without the network."""

from __future__ import annotations

import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from grn_core.assets import app_script
from grn_core.errors import RequestError

FILE = Path(".streamlit", "secrets.toml")
NEEDED = "a secrets.toml as in docs/settings.md, or none for an app without login"


@dataclass(frozen=True)
class Login:
    """What the secrets say of the login.

    Attributes
    ----------
    address
        The address at which one logs in and works, without a path; empty where nobody has to log in.
    open_to
        Mode of the file, such as ``644``, where others of this machine may read it; else empty.
    """

    address: str = ""
    open_to: str = ""

    @property
    def words(self) -> str:
        """Say it in a line that names no place on this machine."""
        said = f"asked for; open the app at {self.address}" if self.address else "not asked for"
        if not self.open_to:
            return said
        return f"{said}. secrets.toml has the mode {self.open_to}: others of this machine can read it (chmod 600)"


def login_here(*places: Path) -> Login:
    """Read what the secrets say; of several files those of the project count more than those of the user's home.

    Parameters
    ----------
    places
        Folders with ``.streamlit/secrets.toml``, the last counts most; if none are given the user's home, the working
        folder and that of the app's script, where Streamlit looks.

    Raises
    ------
    RequestError
        There is such a file, and it cannot be read: then nobody gets in.
    """
    found = [folder / FILE for folder in places or _places()]
    address, modes = "", []
    for file in dict.fromkeys(path.resolve() for path in found):
        try:
            if not _exists(file):
                continue
            told = tomllib.loads(file.read_text(encoding="utf-8"))
            mode = stat.S_IMODE(file.stat().st_mode)
        except (OSError, ValueError) as error:  # of TOML and of letters too
            message = "the secrets of the app cannot be read, so nobody gets in"
            raise RequestError(message, needed=NEEDED, todo="correct the file") from error
        if isinstance(auth := told.get("auth"), dict):
            where = urlsplit(str(auth.get("redirect_uri", "")))
            address = f"{where.scheme}://{where.netloc}" if where.netloc else "the address of redirect_uri"
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            modes.append(f"{mode:o}")
    return Login(address, modes[0] if modes else "")


def _places() -> tuple[Path, ...]:
    """Return the folders in which Streamlit looks when it runs the app."""
    try:
        return Path.home(), Path.cwd(), app_script().parent
    except RequestError:  # no dashboard came with this
        return Path.home(), Path.cwd()


def _exists(file: Path) -> bool:
    """Return whether there is a file; raises where that cannot be known."""
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
