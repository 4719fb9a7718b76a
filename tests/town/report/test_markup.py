"""Nothing that comes from an event can become markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from haechi.town.report.markup import Html, Word, el, many, number


class Reader(HTMLParser):
    """What a browser makes of some markup."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


# A parser of HTML reads a carriage return as a line feed and drops NUL.
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\0"))


@given(TEXT, TEXT)
def test_any_text_stays_text(inside: str, attribute: str) -> None:
    found = read(el("p", inside, title=f"x{attribute}"))
    assert found.tags == [("p", {"title": f"x{attribute}"})]
    assert found.text == inside


@given(TEXT, TEXT)
def test_both_languages_are_there_and_marked(ko: str, en: str) -> None:
    found = read(el("p", Word(ko, en)))
    if ko == en:
        assert found.tags == [("p", {})]
        assert found.text == en
    else:
        assert found.tags == [("p", {}), ("span", {"lang": "ko"}), ("span", {"lang": "en"})]
        assert found.text == ko + en


def test_markup_is_not_escaped_twice() -> None:
    assert el("p", el("b", "a < b"), None) == "<p><b>a &lt; b</b></p>"
    assert many([el("i", "1"), el("i", "2")]) == "<i>1</i><i>2</i>"
    assert isinstance(many([]), Html)


def test_attributes() -> None:
    assert el("rect", x=1.0, stroke_width=2.25, class_="a", hidden=None, gone=False) == (
        '<rect x="1" stroke-width="2.2" class="a"></rect>'
    )
    assert el("input", checked=True) == "<input checked>"
    assert el("text", Word("가", "a")) == '<text><tspan lang="ko">가</tspan><tspan lang="en">a</tspan></text>'
    assert number(-0.5) == "-0.5"


def test_words_add_up() -> None:
    assert Word("가", "a") + Word("나", "b") + "!" == Word("가나!", "ab!")
