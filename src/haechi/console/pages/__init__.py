"""One file a screen; this table is all that the console shows."""

from haechi.console.page import Page
from haechi.console.pages import frame, watch

PAGES: tuple[Page, ...] = (
    *frame.PAGES,
    *watch.PAGES,
)
