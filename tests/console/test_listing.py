"""Every list: filters in its address, views to keep, a file to take out with a reason."""

from __future__ import annotations

import pytest

from haechi.console.pages.exports import LISTS
from haechi.console.pages.listing import LISTINGS

from .making import Bank, happened

SOME = {"list": "/rules/lists/mules"}


def listed(bank: Bank) -> None:
    """A list with somebody on it, which two people agreed on."""
    row = {"entity": "a-88", "reason": "reported", "action": "add"}
    number = bank.behind.rules.change_list("mules", "block", [row], "bo", "three reports")
    bank.behind.rules.answer(number, "approve", "cy", "agreed")
    bank.work.desk.webhooks.add("https://bank.example/hook", [], "root")


def test_every_list_leaves_as_a_file_and_is_kept_as_a_view() -> None:
    assert set(LISTS) == set(LISTINGS)


@pytest.mark.parametrize("page", sorted(LISTINGS))
def test_a_list_is_taken_out_with_a_reason_and_its_view_comes_back(bank: Bank, page: str) -> None:
    listed(bank)
    ana = bank.person()
    path = SOME.get(page, LISTINGS[page].path)
    wanted = {name: "5" if name == "level" else "x" for name in LISTINGS[page].filters if name not in ("state", "day")}
    if page != "models":  # a home without a model has no list of them
        answer = ana.fill(path, "/act/view-keep", title=f"my {page}")
        assert answer.headers["location"].startswith(path)
        assert f"my {page}" in ana.get(path).text
        assert ana.fill(path, "/act/export", reason="").status_code == 400
        assert ana.fill(path, "/act/export", reason="for the auditor").status_code == 200
        assert [one.what for one in bank.work.desk.keeping.exports()] == [page]
        assert ana.fill(path, "/act/view-drop").headers["location"].endswith("said=view_dropped")
        assert f"my {page}" not in ana.get(path).text
    kept = ana.send("/act/view-keep", **ana.token(), page=page, title="wide", **{**wanted, "name": "mules"})
    assert kept.status_code == 303
    for name in set(wanted) - {"name"}:
        assert f"{name}={wanted[name]}" in kept.headers["location"]


def test_what_is_no_list_has_no_view(bank: Bank) -> None:
    ana = bank.person()
    for act in ("/act/view-keep", "/act/view-drop"):
        for page in ("customers", "", "list"):  # a list has a name
            assert ana.send(act, **ana.token(), page=page, title="x", number="1").status_code == 400


def test_the_audit_leaves_only_with_an_administrator(bank: Bank) -> None:
    ana = bank.person("ana", ["read"])
    assert not [one for one in ana.get("/audit").forms if one["action"] == "/act/export"]
    assert ana.send("/act/export", **ana.token(), what="audit", reason="curious").status_code == 403
    assert not bank.work.desk.keeping.exports()


def test_lists_are_filtered_by_whom_they_are_about(bank: Bank) -> None:
    for who in ("c-1", "c-2"):
        alert = happened(bank, f"e-{who}", who)
        bank.work.challenge(f"k-{who}", who)
        bank.work.desk.refunds.report(f"e-{who}", "ana")
        bank.work.desk.cases.open(f"story of {who}", f"holder-{who}", [alert])
    ana = bank.person()
    for path in ("/challenges?subject={}", "/refunds?subject={}", "/refunds?state=open&subject=customer:{}",
                 "/cases?holder=holder-{}"):  # fmt: skip
        told = ana.get(path.format("c-2")).text
        rest = told.replace("c-2", "")
        assert "c-2" in told
        assert "c-1" not in rest, path
    csv = ana.fill("/refunds?subject=c-2", "/act/export", reason="why").text
    assert "customer:c-2" in csv
    assert "customer:c-1" not in csv
