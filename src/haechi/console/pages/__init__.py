"""One file a screen; this table is all that the console shows."""

from haechi.console.page import Page
from haechi.console.pages import approvals, frame, lists, replay, rule_edit, rules, watch

PAGES: tuple[Page, ...] = (
    *frame.PAGES,
    *watch.PAGES,
    *rules.PAGES,
    *rule_edit.PAGES,
    *replay.PAGES,
    *lists.PAGES,
    *approvals.PAGES,
)
