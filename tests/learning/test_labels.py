"""What is believed about an event depends on when one asks, and on what the house had been told by then."""

from __future__ import annotations

from haechi.learning.labels import delays, last_words, revised, table_of
from haechi.stores import LabelRow

DAY = 86_400_000_000

SAID = [
    LabelRow("a", True, 5 * DAY, "report:line", typology="phishing", told_us=6 * DAY, event_us=DAY),
    LabelRow("b", True, 4 * DAY, "", kind="chargeback", told_us=9 * DAY, event_us=2 * DAY),
    LabelRow("a", False, 8 * DAY, "verdict:kim", told_us=8 * DAY, event_us=DAY),
    LabelRow("a", True, 8 * DAY, "verdict:lee", told_us=10 * DAY, event_us=DAY, typology="phishing"),
    LabelRow("c", False, 3 * DAY, "kim"),
]


def believed(until=None, as_of=None):
    rows = last_words(table_of(SAID), until, as_of)
    return dict(zip(rows["id"].to_list(), rows["fraud"].to_list(), strict=True))


def test_the_word_known_last_counts() -> None:
    assert believed(3 * DAY) == {"c": 0}
    assert believed(5 * DAY) == {"a": 1, "b": 1, "c": 0}
    assert believed(8 * DAY) == {"a": 1, "b": 1, "c": 0}, "of two words known together, the one told last"
    assert believed() == believed(8 * DAY)


def test_a_house_believes_only_what_it_was_told() -> None:
    assert believed(8 * DAY, 8 * DAY) == {"a": 0, "c": 0}
    assert believed(8 * DAY, 9 * DAY) == {"a": 0, "b": 1, "c": 0}
    assert believed(8 * DAY, 2 * DAY) == {}


def test_labels_say_how_they_were_found_and_are_kept_when_revised() -> None:
    table = table_of(SAID)
    assert table["kind"].to_list() == ["report", "chargeback", "verdict", "verdict", "other"]
    assert table.height == len(SAID)
    assert revised(table) == 1


def test_the_delay_is_that_of_the_first_report() -> None:
    found = {(d.kind, d.typology): (d.labels, d.median_s, d.p90_s) for d in delays(table_of(SAID))}
    day = 86_400.0
    assert found["all", "all"] == (2, 3 * day, 4 * day)
    assert found["report", "phishing"] == (1, 4 * day, 4 * day)
    assert found["chargeback", ""] == found["chargeback", "all"] == (1, 2 * day, 2 * day)
    assert "verdict" not in {kind for kind, _ in found}, "a later word is no report"
    assert delays(table_of([])) == []
