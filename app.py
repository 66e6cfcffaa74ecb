"""Entry of the dashboard (``streamlit run app.py``): page config and navigation, nothing else.

The file serves twice. The server imports it once at its start, for `app` (see ``st.App``); then every visitor's session
runs it as a script. The import matters: until some session has called `st.navigation`, Streamlit takes the folder
``pages/`` for an app of the old style, and greets a first visitor who follows a link to a page with "Page not found".
"""

from __future__ import annotations

import logging

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from grn_core.assets import asset
from grn_core.settings import settings
from pages.components.shared.collector import collect
from pages.components.shared.messages import errors_shown
from pages.components.shared.session import note_history
from pages.components.shared.top import from_the_top
from pages.components.shared.warm import wait_for_first, wait_until_warm, warm_up, worker_ready
from pages.components.visitor.doorway import Doorway
from pages.components.visitor.login import login_page, visitor_line
from pages.components.visitor.seats import take_seat
from pages.components.visitor.who import (
    lacks_names,
    logged_in,
    login_needed,
    open_to_others,
    say_no_more_than_needed,
    settle,
)


def sections() -> dict[str, list[st.Page]]:
    """Return the pages by the section of the navigation that they stand in."""
    return {
        "": [
            st.Page(
                "pages/start/home.py",
                title="Home",
                icon=":material/home:",
                default=True,
                help="What this is, the demo in one click, and your last runs.",
            ),
        ],
        "Prepare": [
            st.Page(
                "pages/prepare/dataset.py",
                title="Dataset",
                icon=":material/dataset:",
                help="Choose or upload cells, see how their genes match, and choose the genes of the network.",
            ),
            st.Page(
                "pages/prepare/models.py",
                title="Models",
                icon=":material/neurology:",
                help="The foundation models and translators: what is here, and how to get the others.",
            ),
        ],
        "Explore": [
            st.Page(
                "pages/explore/infer.py",
                title="Infer",
                icon=":material/play_circle:",
                help="Choose model and methods, start the inference and watch it.",
            ),
            st.Page(
                "pages/explore/network.py",
                title="Network",
                icon=":material/hub:",
                help="The inferred network as a graph: filter it and click nodes and edges.",
            ),
            st.Page(
                "pages/explore/targets.py",
                title="TF targets",
                icon=":material/format_list_numbered:",
                help="The ranked targets of one TF, with the evidence behind every edge.",
            ),
            st.Page(
                "pages/explore/activity.py",
                title="TF activity",
                icon=":material/bolt:",
                help="Which TFs are active in which cells, and what differs between groups A and B.",
            ),
            st.Page(
                "pages/explore/groups.py",
                title="Groups",
                icon=":material/difference:",
                help="Which edges and TFs differ between two groups of cells, and how sure that is.",
            ),
            st.Page(
                "pages/explore/what_if.py",
                title="What if",
                icon=":material/science:",
                help="Knock out or over-express TFs: which genes a model expects to move; which TF to try first.",
            ),
            st.Page("pages/explore/shared.py", title="Shared with you", icon=":material/group:", visibility="hidden"),
        ],
        "Evaluate": [
            st.Page(
                "pages/evaluate/compare.py",
                title="Compare",
                icon=":material/compare_arrows:",
                help="Two or more runs side by side: what they share, what differs, and their consensus.",
            ),
            st.Page(
                "pages/evaluate/benchmark.py",
                title="Benchmark",
                icon=":material/leaderboard:",
                help="How well methods do on data they did not see, beside controls; run it on your own reference.",
            ),
        ],
        "Help": [
            st.Page(
                "pages/start/about.py",
                title="About this installation",
                icon=":material/info:",
                help="Versions, device, limits, disk use, and whether all is in order.",
            ),
        ],
    }


def dashboard() -> None:
    """Run one visitor's session: set up the page, and run the one that the address names."""
    st.set_page_config(page_title="GRN Studio", page_icon=asset("icon", "icon.svg"), layout="wide")
    st.html(asset("page.css"))
    st.logo(asset("icon", "wordmark.svg"), icon_image=asset("icon", "icon.svg"), size="large")

    settle()
    wait_for_first()
    out = True
    with errors_shown():
        out = login_needed() and not logged_in()
    page = st.navigation(sections(), position="hidden" if out else "sidebar")
    with errors_shown():
        if out:
            login_page()
        else:
            if page.url_path:  # Home waits itself, once its top is shown
                wait_until_warm()
            settings()  # a setting that cannot be is said on every page
            visitor_line()
            take_seat()
            note_history()
            from_the_top(page.url_path)
            page.run()
            worker_ready(page.url_path)
    collect()


if __name__ == "__main__":
    dashboard()
else:
    PagesManager.uses_pages_directory = False
    settle()
    say_no_more_than_needed()
    if address := open_to_others():
        logging.getLogger(__name__).warning("no login, and open to others on %s: they share everything", address)
    if lacks_names():
        told = "other machines see an empty page: name how they call this one (make app HOSTS=NAME, or app --host NAME)"
        logging.getLogger(__name__).warning(told)
    warm_up(demo=not login_needed())
    app = st.App(__file__, middleware=[Middleware(Doorway)])
