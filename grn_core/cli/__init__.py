"""The command line: the same engine, runs and run ids as the app, without a browser.

Tables go to stdout, progress to stderr; a user's mistake is one line on stderr and exit code 2.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from grn_core.cli.parser import build_parser
from grn_core.errors import GrnError
from grn_core.homes import kept_private
from grn_core.refusals import words_of
from grn_core.settings import check_home
from grn_core.shell import here

if TYPE_CHECKING:
    from collections.abc import Sequence

READERS = ("datasets", "export", "runs", "doctor")
"""Commands that leave the data folder as it is, but for runs that are there."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for an error, 130 after Ctrl-C."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = build_parser(given[0] if given else None).parse_args(given)
        if getattr(arguments, "home", None) is not None:
            os.environ["GRN_HOME"] = str(arguments.home.expanduser().resolve())
        with kept_private():
            if arguments.command not in READERS and getattr(arguments, "action", "") != "list":
                check_home()
            return arguments.run(arguments) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our stdout has left (e.g. `| head`): what it wanted is out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        told = error if isinstance(error, GrnError) else words_of(error)
        if told is None:
            raise
        sys.stderr.write(f"error: {here(' '.join(str(told).split()))}\n")
        return 2
