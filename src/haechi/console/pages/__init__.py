"""One file a screen; this table is all that the console shows."""

from haechi.console.page import Page
from haechi.console.pages import alert, case, challenges, customer, frame, queue, refunds, watch

PAGES: tuple[Page, ...] = (
    *frame.PAGES,
    *watch.PAGES,
    *queue.PAGES,
    *alert.PAGES,
    *challenges.PAGES,
    *case.PAGES,
    *refunds.PAGES,
    *customer.PAGES,
)
