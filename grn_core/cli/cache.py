"""``cache``: what is kept only to save time, and removing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grn_core import caches, in_words
from grn_core.cli.actions import add_actions
from grn_core.cli.output import say, say_json, table
from grn_core.settings import settings

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``cache list`` and ``cache clear``."""
    add = add_actions(parser)
    add("list", cache_list, "caches, their sizes and how they are made again")
    clear = add("clear", cache_clear, "remove what no running process uses")
    clear.add_argument("names", nargs="*", metavar="NAME", help="caches as listed (default: all)")


def cache_list(arguments: argparse.Namespace) -> None:
    """Say how large each cache is."""
    found = [(one, caches.entries(one)) for one in caches.CACHES]
    total, most = sum(entry.n_bytes for _, every in found for entry in every), settings().max_cache_gb
    if arguments.json:
        rows = [
            {
                "name": one.name,
                "folder": str(settings().home / one.folder),
                "entries": len(every),
                "bytes": sum(entry.n_bytes for entry in every),
                "holds": one.holds,
                "again": one.again,
            }
            for one, every in found
        ]
        say_json({"caches": rows, "bytes": total, "max_cache_gb": most})
        return
    lines = [
        (one.name, len(every), in_words.size(sum(entry.n_bytes for entry in every)), one.holds, one.again)
        for one, every in found
    ]
    say(table(("cache", "entries", "size", "what is in it", "once it is gone"), lines))
    bound = f"at most {most} GB (GRN_MAX_CACHE_GB)" if most else "without a limit (GRN_MAX_CACHE_GB is 0)"
    say(f"{in_words.size(total)} together, {bound}, below {settings().home}")


def cache_clear(arguments: argparse.Namespace) -> None:
    """Remove the entries of the named caches, or of all."""
    chosen = [caches.find_cache(name) for name in arguments.names] or list(caches.CACHES)
    freed, kept = caches.clear(chosen)
    if arguments.json:
        say_json({"freed_bytes": freed, "kept_entries": kept})
        return
    say(f"{in_words.size(freed)} freed" + (f"; {kept} entries stay: a running process uses them" if kept else ""))
