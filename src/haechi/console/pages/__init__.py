"""One file a screen; this table is all that the console shows."""

from haechi.console.page import Page
from haechi.console.pages import (
    alert,
    approvals,
    audit,
    case,
    challenges,
    customer,
    exports,
    frame,
    lists,
    measures,
    models,
    queue,
    refunds,
    replay,
    rule_edit,
    rules,
    town,
    watch,
)

PAGES: tuple[Page, ...] = (
    *frame.PAGES,
    *watch.PAGES,
    *queue.PAGES,
    *alert.PAGES,
    *measures.PAGES,
    *challenges.PAGES,
    *case.PAGES,
    *refunds.PAGES,
    *customer.PAGES,
    *rules.PAGES,
    *rule_edit.PAGES,
    *replay.PAGES,
    *lists.PAGES,
    *approvals.PAGES,
    *models.PAGES,
    *audit.PAGES,
    *town.PAGES,
    *exports.PAGES,
)
