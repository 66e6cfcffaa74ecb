"""``app``: the dashboard, served by Streamlit in place of this process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from grn_core.assets import app_script
from grn_core.cli.given import a_path

if TYPE_CHECKING:
    import argparse

ADDRESS, PORT = "127.0.0.1", 8501
ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""What glibc is told: with a heap for each of the threads of many visitors, the server keeps what they left there."""
NAMES = ("localhost", "127.0.0.1")
"""Names under which an app is reached on its own machine."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    option = parser.add_argument
    option("--address", default=ADDRESS, help=f"where it listens (default {ADDRESS}: this machine only)")
    option("--port", type=int, default=PORT, help=f"(default {PORT}; 0: one that is free)")
    host_help = "a name by which others reach it; may be repeated (default: this machine's own alone)"
    option("--host", action="append", default=[], metavar="NAME", help=host_help)
    option("--base", default="", metavar="PATH", help="part of its address behind the name, where a proxy has one")
    option("--headless", action="store_true", help="open no browser")
    option("--home", type=a_path, help="data folder of uploads and runs (default: GRN_HOME)")
    streamlit_help = "after --: further options of `streamlit run`, such as --server.maxUploadSize=4096"
    option("streamlit", nargs="*", metavar="OPTION", help=streamlit_help)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Become the server of the dashboard: signals, log and exit code are the server's."""
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(app_script()), *options_of(arguments)]
    os.execve(sys.executable, command, {**ARENAS, **os.environ})


def options_of(arguments: argparse.Namespace) -> list[str]:
    """Return what Streamlit is told."""
    hosts = (*NAMES, *arguments.host) if arguments.host else ()
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return [
        f"--server.address={arguments.address}",
        f"--server.port={arguments.port}",
        "--server.showEmailPrompt=false",
        *([f"--server.baseUrlPath={arguments.base}"] if arguments.base else []),
        *(f"--server.allowedHosts={host}" for host in hosts),
        *(["--server.headless=true"] if arguments.headless or not screen else []),
        *arguments.streamlit,
    ]
