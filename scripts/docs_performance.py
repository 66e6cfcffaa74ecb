"""The documentation's tables of time and memory, read from the figures that ship."""

from __future__ import annotations

import json

from grn_core.assets import asset
from scripts.docs_commands import markdown_table


def gpu_table() -> str:
    """What a graphics processor makes of the extraction; see `scripts.measure_gpu`."""
    found = json.loads(asset("gpu.json").read_text(encoding="utf-8"))
    heading = ("model", "readout", "precision", "virtual cells a second", "at once", "memory", "of the product rate")
    heading += ("times a forward pass", "VVP off by", "GDT off by")
    lines = [
        (
            str(row["model"]),
            str(row["readout"]),
            str(row["precision"]),
            f"{row['cells_per_second']:,.0f}",
            f"{row['at_once']:,.0f}",
            f"{row['peak_bytes'] / 2**30:.1f} GiB",
            f"{row['share']:.0%}",
            f"{row['forwards']:.1f}",
            f"{row['vvp']:.4f}",
            f"{row['gdt']:.4f}",
        )
        for row in found["rows"]
    ]
    whole = found["whole"]
    text = (
        f"{found['device']}, torch {found['torch']}; {found['genes']:,} genes, {found['sources']} sources. From the "
        f"model to the features on disk the compact model took {whole['seconds']:.2f} s, and "
        f"{whole['seconds_on_cpu']:.2f} s on {found['threads']} threads of that machine's processor; features differ "
        f"by {max(whole['vvp'], whole['gdt']):.0e} standard deviations (root mean square)."
    )
    return f"{text}\n\n{markdown_table(heading, lines)}"


def peers_table() -> str:
    """Set this program beside what a user would take else; see `scripts.measure_peers`."""
    found = json.loads(asset("peers.json").read_text(encoding="utf-8"))
    nets = list(dict.fromkeys(net for row in found["rows"] for net in row["auprc"]))
    lines = [
        (
            str(row["dataset"]),
            f"**{row['title']}**" if row["ours"] else str(row["title"]),
            f"{row['seconds']:.1f} s",
            f"{row['core_seconds']:.1f} s",
            f"{row['peak'] / 2**20:,.0f} MiB",
            *(f"{row['auprc'][net]:.3f}" if net in row["auprc"] else "" for net in nets),
        )
        for row in found["rows"]
    ]
    sizes = {
        row["dataset"]: f"{row['dataset']} {row['tfs']} TFs x {row['genes']} genes x {row['cells']} cells"
        for row in found["rows"]
    }
    own, theirs = found["activity"]["ulm"], found["activity"]["decoupler"]
    text = (
        f"{found['cores']} cores, {found['load']:.0f} processes at work on average; {'; '.join(sizes.values())}; "
        f"{found['trees']} trees a gene. Ours in bold. TF activity by ULM in {own['cells']:.0f} cells: "
        f"**{own['core_seconds']:.2f} s** of a core, {own['peak'] / 2**20:,.0f} MiB; decoupler as its documentation "
        f"calls it {theirs['core_seconds']:.2f} s, {theirs['peak'] / 2**20:,.0f} MiB."
    )
    heading = ("cells", "method", "time", "of all cores", "memory", *(f"AUPRC, {net}" for net in nets))
    return f"{text}\n\n{markdown_table(heading, lines)}"


def speed_table() -> str:
    """What is to be reached in speed and memory, and what was; see `tests.performance.figures`."""
    rows = json.loads(asset("reached.json").read_text(encoding="utf-8"))["rows"]
    if not rows:
        return "Not measured with this version."
    lines = [tuple(str(row[name]) for name in ("what", "figure", "aim", "machine")) for row in rows]
    return markdown_table(("what", "measured", "aim", "on"), lines)


def pages_table() -> str:
    """How long the Network page takes; see `tests.performance.test_network_speed`."""
    found = json.loads(asset("pages.json").read_text(encoding="utf-8"))
    lines = [
        (str(row["what"]), f"{row['seconds']:.2f} s", f"{row['limit']:.1f} s", f"{row['share']:.0%}")
        for row in found["rows"]
    ]
    table = markdown_table(
        ("what", f"median of {found['repeats']}", "limit", "the browser's share of the cores"), lines
    )
    return f"{found['machine']}\n\n{table}"


def drawing_table() -> str:
    """What libraries take to draw 1,500 edges; see `scripts.measure_drawing`."""
    found = json.loads(asset("drawing.json").read_text(encoding="utf-8"))
    lines = [
        (
            str(row["library"]),
            f"{row['bytes'] / 1000:.0f} kB",
            *(f"{row[part]:.2f} s" for part in ("open", "redraw", "pick", "picture")),
            f"{row['frames']:.1f}",
        )
        for row in found["rows"]
    ]
    heading = ("library", "script", "open", "redraw", "pick", "PNG", "frames a second while zooming")
    text = f"{found['edges']:,} edges, median of {found['repeats']}. {found['machine']}"
    return f"{text}\n\n{markdown_table(heading, lines)}"
