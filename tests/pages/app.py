"""Open a page of the app as a visitor does, by its address."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT


def open_page(path: str | None = None, **parameters: str) -> AppTest:
    """Run the app on one page (Home without a path) with URL parameters; no exception may be on it."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if path is not None:
        app.run()
        app.switch_page(path)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    """Return all running text of the page."""
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.text)
    notices = (app.info, app.warning, app.error, app.success)
    return "\n".join(str(part.value) for kind in (*kinds, *notices) for part in kind)
