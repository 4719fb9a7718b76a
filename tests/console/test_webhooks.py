"""Webhooks at the console: what did not arrive is seen, sent again by hand, paused and ended; for administrators."""

from __future__ import annotations

from .making import Bank, happened
from .test_frame import check_page

URL = "https://bank.example/hook"
PAGE = "/audit/webhooks"


def test_without_one_it_says_how_to_begin(bank: Bank) -> None:
    assert "POST /v1/webhooks begins one" in bank.person().get(PAGE).text
    assert bank.person("wall", ["read"]).get(PAGE, 403)


def test_what_was_given_up_is_sent_again_by_hand(bank: Bank) -> None:
    desk, ana = bank.work.desk, bank.person("ana")
    hook = desk.webhooks.add(URL, ["alert.opened"], "root").id
    happened(bank)
    desk.sweep()
    bank.work.answers += [503] * 15
    for _ in range(15):
        desk.webhooks.deliver()
        bank.clock.now = max(one.next_us for one in desk.webhooks.deliveries(hook).deliveries)
    desk.count()
    ana = bank.person("ana")  # meanwhile the session ended
    assert "Webhooks 1" in ana.get("/audit").text
    seen = ana.get(PAGE)
    check_page(seen)
    for word in (URL, "opened alert.opened", "Given up", "15", "answered 503"):
        assert word in seen.text, word
    assert "No message is in this state" in ana.get(f"{PAGE}?webhook={hook}&state=delivered").text
    sent = ana.fill(PAGE, "/act/webhook-again")
    assert sent.headers["location"] == f"{PAGE}?webhook={hook}&said=sent_again"
    assert desk.webhooks.deliver() == 1
    assert "Given up" not in ana.get(f"{PAGE}?state=delivered").text.partition("Next try")[2]
    assert "webhook" in [one.about for one in desk.deeds.page(person="ana", limit=9)], "who did it is written down"


def test_one_rests_goes_on_and_ends(bank: Bank) -> None:
    ana = bank.person()
    hook = bank.work.desk.webhooks.add(URL, [], "root").id
    for state, word in (("paused", "paused"), ("active", "active"), ("ended", "ended")):
        sent = ana.send("/act/webhook-turn", **ana.token(), webhook=hook, state=state)
        assert sent.headers["location"].endswith(f"said=webhook_{state}")
        assert word in ana.get(PAGE).text
    assert ana.send("/act/webhook-turn", **ana.token(), webhook=hook, state="active").status_code == 409
    assert ana.send("/act/webhook-turn", **ana.token(), webhook=hook, state="gone").status_code == 400
    assert ana.send("/act/webhook-again", **ana.token(), number=999).status_code == 404
    ana.get(f"{PAGE}?webhook=77", 404)
    ana.get(f"{PAGE}?webhook={hook}&state=lost", 400)
