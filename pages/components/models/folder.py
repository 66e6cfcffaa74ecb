"""A checkpoint folder on the machine that runs the app: check it once, name it, and choose it everywhere."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from grn_core import runs
from grn_core.homes import is_users
from grn_core.hub.check import name_for, recognise
from grn_core.models.families import families
from grn_core.models.folders import registered
from grn_core.runs import AddRequest
from pages.components.runs.progress import watch_run
from pages.components.shared.messages import errors_shown, plain
from pages.components.shared.session import query, remember


def folder_form() -> None:
    """Ask for a folder and a name; a good one is checked in the background and entered in the list."""
    if is_users():
        st.info("Folders of this machine are added by who runs this installation.", icon=":material/info:")
        return
    st.markdown(
        "A checkpoint that you have, in the format of scGPT, scBenchmark, scFoundation or Geneformer. It is read "
        "strictly (every file, every tensor), stays where it is, and can then be chosen by its name."
    )
    with st.form("add_folder", border=False):
        left, right = st.columns([3, 2])
        folder = left.text_input("Folder", placeholder="/data/models/scGPT_human", key="added_folder")
        name = right.text_input("Name", placeholder="made from the folder's name", key="added_name")
        wanted = st.form_submit_button("Check and add", icon=":material/fact_check:")
    if wanted:
        with errors_shown():
            _start(folder.strip(), name.strip())
    if run_id := query("adding", ""):
        with errors_shown():
            _show(run_id)


def _start(folder: str, name: str) -> None:
    name = name or name_for(folder)
    recognise(folder, name=name)
    whole = str(Path(folder).expanduser().resolve())
    remember("adding", runs.submit(AddRequest(folder=whole, name=name, title=f"the folder {folder}")))
    st.rerun()


def _show(run_id: str) -> None:
    status = watch_run(run_id)
    if status.state != "done":
        return
    name = runs.RunStore().record(run_id)["result"]["name"]
    record = next((record for record in registered() if record.name == name), None)
    if record is not None:
        titles = {family.name: family.title for family in families()}
        form = titles.get(record.format, record.format)
        listed = f"It is listed above as {plain(name)}."
        words = f"**{plain(record.title)}** was recognised as a checkpoint of {plain(form)}. {listed}"
        st.success(words, icon=":material/check_circle:")
