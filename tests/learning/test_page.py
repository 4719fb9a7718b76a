"""A model's report for people: one file, two languages, nothing from outside, and no figure where none was taken."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from haechi.learning.manifest import Manifest
from haechi.learning.page import page
from haechi.learning.pictures import bars, line

from .judging import CARD, REPORT

LINEAGE = Manifest(version="ab", made_us=1, dataset="d1", events_hash="e1", labels_hash="l1", libraries={"numpy": "2"})


class Tags(HTMLParser):
    """Notes every tag, and whether they close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "line", "rect", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_it_opens_offline_and_runs_nothing() -> None:
    text = page(REPORT, LINEAGE, CARD)
    tags = Tags()
    tags.feed(text)
    assert not tags.open, "every tag closes"
    assert {"svg", "table", "figure"} <= tags.seen
    assert not {"script", "link", "img", "iframe"} & tags.seen
    assert not re.search(r"https?://|url\(|\son\w+=", text)


def test_it_speaks_both_languages_and_says_what_is_missing() -> None:
    text = page(REPORT, LINEAGE, CARD)
    for words in (
        "average precision",
        "평균 정밀도",
        "logistic regression on all features",
        "모든 특성에 대한 로지스틱 회귀",
        "it beats <span",
        "surprise alone",
        "the best trees",
        "With as many alerts as the rules gave it finds",
        "too few",
        "너무 적음",
        "no evidence",
        "근거 없음",
        "차단한 거래는",
    ):
        assert words in text


def test_what_people_named_is_escaped() -> None:
    evil = "<b onclick=x>"
    report = REPORT | {
        "slices": REPORT["slices"] | {"typologies": {evil: {"value": 0.5, "interval": [0, 1], "of": 30}}}
    }
    card = CARD | {"screening": [{"answer": "warn", "told": evil}], "shifts": {"against": evil, "psi": {evil: 0.3}}}
    text = page(report, LINEAGE, card)
    assert evil not in text
    assert "&lt;b onclick=x&gt;" in text


def test_drawings_stay_inside_their_frame() -> None:
    drawn = line([[[0, 0], [1, 1]]], x=(0, 1), y=(0, 1), names=["x", "y"])
    points = re.search(r'points="([^"]+)"', drawn)[1].split()
    assert points == ["48.0,226.0", "408.0,12.0"]
    widths = [float(w) for w in re.findall(r'width="([\d.]+)" height="12"', bars([("a", 1.0), ("b", 0.5)]))]
    assert widths == [350.0, 175.0]
