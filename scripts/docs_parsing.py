"""Every place of the source that has a library read a file: those of users in the confined reader, others ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from scripts.docs_commands import markdown_table

ROOT = Path(__file__).resolve().parents[1]
READS = re.compile(
    r"h5py\.(File|h5f\..*)"
    r"|anndata\.(io\.|experimental\.)?read\w*|scanpy\.read\w*|(loompy|mudata|muon|pyreadr|rdata)\.\w+"
    r"|pandas\.(read_\w+|ExcelFile|HDFStore)|openpyxl\.load_workbook|zarr\.(open\w*|load|storage\.\w+)"
    r"|zipfile\.(ZipFile|Path|is_zipfile)|tarfile\.(open|TarFile\S*|is_tarfile)|shutil\.unpack_archive"
    r"|(gzip|bz2|lzma)\.(open|decompress|\w+File|\w+Decompressor)|zlib\.decompress\w*"
    r"|pyarrow\.(parquet|feather|ipc|csv|json|orc|dataset)\.(?!ParquetWriter)\w+"
    r"|scipy\.io\.(mmread|mminfo|loadmat|\w+_file)|numpy\.(loadtxt|genfromtxt|fromregex)|csv\.(reader|DictReader)"
    r"|networkx\.(read_\w+|parse_\w+|\w*_graph_from_\w+)|xml\.\S*\.(parse|fromstring|iterparse|XML|XMLParser)"
    r"|torch\.load|safetensors\.\S+|pickle\.(loads?|Unpickler)|joblib\.load|yaml\.\w*load\w*"
)
"""Full names of what takes a file, or its content, apart."""
IN_READER = {
    "grn_core.datasets.formats": "cells, by format",
    "grn_core.networks.imports": "networks, by format",
    "grn_core.datasets.packed_lists": "gene and TF lists that are long, packed or no text",
    "grn_core.datasets.cell_labels": "tables of labels",
    "grn_core.datasets.timed": "pseudotime beside a table of cells",
    "grn_core.benchmark.perturbed.text": "tables of what changed when TFs were perturbed",
    "grn_core.pretrain.sources": "what a corpus says of its studies; in place, its tables of sources, which are text",
}
"""Rooms that the confined reader alone runs."""
WEIGHTS = {
    "grn_core.models": "checkpoints, interrupted trainings: tensors alone, looked through before, and nothing is run",
    "grn_core.translator.translator": "translators, likewise",
    "grn_core.adapt": "adapted models, which runs of this program wrote",
    "grn_core.pretrain.export": "models that this program writes",
}
"""Modules that open weights, in the process that uses them or in one of its own."""
NOT_OF_USERS = {
    "grn_core.benchmark.results.tables": "results that a benchmark of this program wrote",
    "grn_core.benchmark.results.published": "published figures that come with the software",
    "grn_core.cli.lists": "a list within one word of the command line",
    "grn_core.datasets.gene_words": "a gene list of plain text: up to 100 kB, as if pasted; more in the reader",
    "grn_core.drill.rounds": "tables that runs of a drill wrote",
    "grn_core.downloads.archive": "public archives, once their checksum is confirmed or accepted",
    "grn_core.downloads.beeline": "tables of BEELINE's archives, likewise",
    "grn_core.genes.tables": "gene tables that come with the software",
    "grn_core.networks.activity.kept": "TF activity that a run of this program wrote",
    "grn_core.networks.edge_table": "edges that a run of this program wrote",
    "grn_core.networks.h5ad_image": "nothing: it writes AnnData, in memory",
    "grn_core.networks.regulons": "the reference network that comes with the software",
    "grn_core.runs.along": "nothing: it writes the file in which a user takes all along",
    "grn_core.runs.other_groups": "edges that runs of this program wrote",
    "grn_core.runs.store": "tables that runs of this program wrote",
}
"""Modules outside the reader that have a library read something, and what: nothing of a user's."""


def parsing_calls(source: str) -> Iterator[str]:
    """Yield the full name of each call of a reading library in the source of a module."""
    nodes = list(ast.walk(ast.parse(source)))
    known: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                known[one.asname or one.name.split(".")[0]] = one.name if one.asname else one.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            first, rest = _dotted(node)
            if first in known and READS.fullmatch(name := ".".join([known[first], *rest])):
                yield name


def _dotted(node: ast.expr) -> tuple[str, list[str]]:
    """Return the first name of ``a.b.c`` and those after it; the first is empty where it is none."""
    rest: list[str] = []
    while isinstance(node, ast.Attribute):
        rest.insert(0, node.attr)
        node = node.value
    return node.id if isinstance(node, ast.Name) else "", rest


ROOMS = IN_READER | WEIGHTS | NOT_OF_USERS


@lru_cache
def places() -> dict[str, tuple[str, ...]]:
    """Return the calls of reading libraries in every module of the program that has any."""
    found = {}
    for path in (ROOT / "app.py", *sorted((ROOT / "grn_core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))):
        if calls := sorted(set(parsing_calls(path.read_text(encoding="utf-8")))):
            found[".".join(path.relative_to(ROOT).with_suffix("").parts)] = tuple(calls)
    return found


def room_of(module: str, rooms: dict[str, str]) -> str | None:
    """Return the room among some in which a module stands; None for none."""
    return next((room for room in rooms if module == room or module.startswith(f"{room}.")), None)


def parsing_table() -> str:
    """One line for each room that has a library read files: where, what of, and by which libraries."""
    rows = []
    for where, rooms in (("reader", IN_READER), ("model", WEIGHTS), ("program", NOT_OF_USERS)):
        for room, what in rooms.items():
            calls = {one for module, used in places().items() if room_of(module, {room: ""}) for one in used}
            libraries = ", ".join(f"`{name}`" for name in sorted({one.split(".")[0] for one in calls}))
            rows.append((where, f"`{room.removeprefix('grn_core.')}`", what, libraries))
    return markdown_table(("process", "room", "what is read there", "libraries"), rows)
