"""About this installation: whether all is in order, versions, device, limits, disk use, and where things lie."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from grn_core import disk, doctor, in_words
from grn_core.bug_report import bug_report
from grn_core.homes import is_users
from grn_core.runs import MeasureRequest, manager
from grn_core.settings import settings
from pages.components.runs.command import show_command
from pages.components.runs.progress import watch_run
from pages.components.shared.kept import copied
from pages.components.shared.later import later
from pages.components.shared.links import STORED
from pages.components.shared.messages import errors_shown, plain, show_error, worded
from pages.components.shared.top import from_here
from pages.components.visitor.stored import stored

MARKS = {
    "ok": ":material/check_circle:\u00a0in\u00a0order",  # that do not break
    "note": ":material/info:\u00a0note",
    "fault": ":material/error:\u00a0fault",
}
NAMES = {"grn_core": "GRN Studio", "python": "Python", "system": "System"}
ELSEWHERE = ("home", "home_writable", "free_disk_gb")
"""Facts that the page shows in another place than among the versions."""
WHO = {
    False: "Nobody is told that you use it: there is no account and no usage report, and nothing is downloaded unless "
    "you ask.",
    True: "They are for you alone, and for who runs this machine. Who you are is known by who keeps your account; a "
    "hash of it names your folder. There is no usage report, and nothing is downloaded unless you ask.",
}
"""Who knows of it, by whether each visitor has a home of their own."""
COMMANDS = """python -m grn_core doctor  # what stands on this page
python -m grn_core cache clear  # free what only saves time"""
FRESH_S = 30
"""Seconds for which what takes long to find out is not looked at again."""


def told(words: str) -> str:
    """Return words as they are for who runs the installation; for a user among others without its folders."""
    return doctor.without_places(words) if is_users() else words


@copied(ttl=FRESH_S, max_entries=4, show_spinner="Adding up the disk use")
def disk_use(n_bytes: int) -> list[tuple[str, ...]]:  # noqa: ARG001
    """Return what every folder of the data folder takes, in words; looked at anew where its size has changed."""
    every = disk.disk_use(settings())
    return [(one.title, in_words.size(one.bytes), f"{one.files:,}", told(str(one.folder))) for one in every]


@copied(ttl=FRESH_S, max_entries=4, show_spinner="Adding up the disk use")
def cache_size(n_bytes: int) -> str:  # noqa: ARG001
    """Return the size of what is kept only to save time, in words; looked at anew as `disk_use`."""
    return in_words.size(disk.cache_bytes(settings()))


@copied(ttl=FRESH_S, max_entries=4, show_spinner="Looking at this machine")
def facts() -> dict[str, object]:
    """Return versions and device."""
    return doctor.facts(settings())


def value_of(row: doctor.SettingInForce) -> str:
    """Return a setting's value, and whether it is the default."""
    value = row.told if is_users() else row.value
    return str(value) if row.origin == "default" else f"{value} (from the environment; default: {row.default})"


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Show rows, the first column as their names, with every text in full."""
    cells = [[str(value) if str(value).startswith(":material/") else worded(value) for value in row] for row in rows]
    st.table(pd.DataFrame(cells, columns=list(heading)).set_index(heading[0]))


st.title("About this installation", icon=":material/info:")
st.caption("What runs here, within which limits, and where your data lie.")
now = settings()
checks = doctor.checks()
errors = [one.error for one in checks if one.error is not None]
for error in errors:
    show_error(error)
if not errors:
    st.success("Everything that this software needs is in order.", icon=":material/check_circle:")

left, right = st.columns(2, gap="large")
with left:
    st.header("Checks")
    with st.container(key="checks"):
        table(("What", "State", "Found"), ((one.title, MARKS[one.state], told(one.found)) for one in checks))
with right:
    st.header("Versions and machine")
    found = facts()
    table(("What", "Found"), ((NAMES.get(name, name), value) for name, value in found.items() if name not in ELSEWHERE))

st.header("Speed")
speed = doctor.speeds()
table(
    ("Model", "Measured", "The demo's network: as usual; with your cells as background"),
    ((one.title, one.where, one.example) for one in speed),
)
for one in (one for one in speed if not one.measured):
    request = MeasureRequest(model=one.name, title=one.title)
    if manager.status_if_known(request.run_id()) is not None:
        with errors_shown():
            watch_run(request.run_id())
    elif st.button(f"Measure with {plain(one.title)}", icon=":material/speed:", key=f"measure_{one.name}"):
        with errors_shown():
            manager.submit(request)
            st.rerun()
st.caption("Estimates of time and memory stand on this. It takes half a minute, once for each device and version.")

st.header("Settings and limits in force")
with st.container(key="long_rows_settings"):
    table(
        ("Variable", "Value", "Meaning"),
        ((row.variable, value_of(row), row.meaning) for row in doctor.settings_in_force()),
    )
st.caption("A setting is changed by the environment variable of its name, before the app is started.")

st.header("Disk use")
held = disk.kept_bytes(now.home)
if used := disk_use(held):
    table(("What", "Size", "Files", "Folder"), used)
    st.caption(f"{plain(cache_size(held))} of it are kept only to save time; GRN_MAX_CACHE_GB limits them.")
else:
    st.info("Nothing is kept yet: runs, uploads and downloads appear here.", icon=":material/info:")

show_command(COMMANDS)

with st.container(key="stored_about_you"):
    st.header("What is stored about you")
place = plain(told(str(now.home)))
st.markdown(
    f"""
- Uploads, runs and results lie in {place} on the machine that runs this app, and nowhere else.
- {WHO[is_users()]}
- The address in the browser holds what you chose on a page: a link that you share shows your choice to whoever may open
  this app.
"""
)
wanted = st.query_params.pop(STORED, "")  # once: what is chosen afterwards stays
stored(wanted)
if wanted:
    from_here("stored_about_you")
st.download_button(
    "Download a report for a bug tracker",
    later(lambda: json.dumps(bug_report(), indent=1)),
    "grn-studio-report.json",
    help="Versions, settings, states and where it failed: no data, no names of genes or cells, no paths.",
    mime="application/json",
    icon=":material/download:",
    on_click="ignore",
    key="download_installation",
)
