"""``data``: list, pull, check and find the public data that come by download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grn_core import downloads, in_words
from grn_core.cli.actions import add_actions
from grn_core.cli.follow import computed
from grn_core.cli.output import StageLine, note, say, say_json, table
from grn_core.errors import DataError
from grn_core.runs import DownloadRequest

if TYPE_CHECKING:
    import argparse

REFERENCES = "beeline-references"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command with its four actions."""
    add = add_actions(parser)
    add("list", show, "list the archives, with size, licence and whether they are here")
    parser = add("pull", pull, "download, check and unpack; goes on where it was stopped")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--accept", metavar="SHA256", help="accept a file with this hash though it differs")
    parser.set_defaults(requests=pulls)
    parser = add("check", check, "compare what is here with what was downloaded")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all that are here")
    text = f"print where an archive's files are; {REFERENCES}: the folder for `benchmark --references`"
    add("path", path, text).add_argument("name", metavar="NAME")


def show(arguments: argparse.Namespace) -> None:
    """List the archives."""
    found = [downloads.held(one) for one in downloads.archives()]
    if arguments.json:
        say_json([_facts(one) for one in found])
        return
    rows = [(one.archive.name, one.archive.title, _size(one), one.archive.terms, one.state) for one in found]
    say(table(("name", "title", "size", "licence", "state"), rows))


def pulls(arguments: argparse.Namespace) -> list[DownloadRequest]:
    """Return what the command ``data pull`` asks for."""
    if arguments.accept and len(arguments.names) > 1:
        message = f"--accept was given for {len(arguments.names)} archives"
        raise DataError(message, needed="one archive", todo="pull them one by one")
    found = [downloads.find_archive(name) for name in arguments.names]
    return [DownloadRequest(title=one.title, archive=one.name, accept=arguments.accept) for one in found]


def words_of(request: DownloadRequest) -> list[str]:
    """Return the words that ask for an archive."""
    words = ["data", "pull", request.archive]
    return words if request.accept is None else [*words, f"--accept={request.accept}"]


def pull(arguments: argparse.Namespace) -> None:
    """Download, check and unpack."""
    done = []
    for request in pulls(arguments):
        one = downloads.find_archive(request.archive)
        note(f"{one.title}: {one.address} ({in_words.size(one.about_bytes)}; licence: {one.terms}; cite {one.cite})")
        computed(request)
        done.append(downloads.held(one))
        receipt = done[-1].receipt
        if receipt:
            agreed = ", ".join(receipt["agreed"]) or "nothing published to compare with"
            note(f"{one.file}: sha256 {receipt['sha256']}; agrees: {agreed}")
        for name, value in receipt.get("differed", {}).items():
            note(f"note: accepted though its {name} is {value}")
    if arguments.json:
        say_json([_facts(one) for one in done])
    else:
        say(table(("name", "state", "folder"), [(one.archive.name, one.state, _folder(one)) for one in done]))


def check(arguments: argparse.Namespace) -> int:
    """Compare what is here with what was downloaded; exit code 2 when something is wrong."""
    here = [one.name for one in downloads.archives() if downloads.held(one).files]
    wrong = {}
    for name in arguments.names or here:
        with Bytes() as progress:
            wrong[name] = downloads.check(name, progress=progress)
    if arguments.json:
        say_json(wrong)
    elif not wrong:
        note("nothing was downloaded yet: see `data list`")
    else:
        say(table(("name", "found"), [(name, "; ".join(found) or "as it should be") for name, found in wrong.items()]))
    return 2 if any(wrong.values()) else 0


def path(arguments: argparse.Namespace) -> None:
    """Print where an archive's files are."""
    if arguments.name == REFERENCES:
        with StageLine() as progress:
            folder = downloads.references_folder(progress=progress)
        if folder is None:
            message = "there are no reference networks of BEELINE on this machine"
            todo = "run `python -m grn_core data pull beeline-networks beeline-data`, or set GRN_DATA"
            raise DataError(message, needed="both archives of BEELINE, or a folder of edge lists", todo=todo)
        say_json({"folder": str(folder)}) if arguments.json else say(str(folder))
        return
    one = downloads.find_archive(arguments.name)
    downloads.need(one.files[0], of=one.name)
    found = downloads.held(one)
    say_json(_facts(found)) if arguments.json else say(
        str(found.files[one.file]) if not one.members else _folder(found)
    )


class Bytes(StageLine):
    """Shows stages that count bytes in kilobytes."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Write a line per stage and twentieth; on a terminal one line that is written over."""
        if stage.endswith(", bytes"):
            stage, done, total = stage.replace(", bytes", ", kB"), done // 1000, total // 1000
        super().__call__(stage, done, total)


def _folder(found: downloads.Held) -> str:
    """Return the folder below which the members have their names."""
    name, place = next(iter(found.files.items()))
    return str(place)[: -len(name) - 1]


def _size(found: downloads.Held) -> str:
    return in_words.size(found.archive.about_bytes)


def _facts(found: downloads.Held) -> dict[str, Any]:
    one = found.archive
    names = ("name", "title", "holds", "about_bytes", "licence", "page", "doi", "cite")
    facts = {name: getattr(one, name) for name in names} | {"url": one.address, "state": found.state}
    known = {name: {"value": fact.value, "status": fact.status} for name, fact in one.checksums.items()}
    return facts | {
        "is_here": found.is_here,
        "checksums": known,
        "files": {name: str(place) for name, place in found.files.items()},
        "receipt": found.receipt,
    }
