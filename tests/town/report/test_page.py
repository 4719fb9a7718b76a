"""The page stands alone: well formed, both languages, nothing loaded, nothing run, every text escaped."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from haechi.town import FolderNotWritable
from haechi.town.report import write_report
from haechi.town.report.page import SECTIONS

from .folders import HOSTILE
from .test_markup import read


@pytest.fixture(scope="module")
def text(town) -> str:
    path, _ = write_report(town)
    return path.read_text("utf-8")


def test_every_element_is_closed(text) -> None:
    body = re.sub(r"<(meta|input|br)([^>]*)>", r"<\1\2/>", text.removeprefix("<!doctype html>\n"))
    root = ElementTree.fromstring(body.replace(" checked", ' checked="checked"'))
    assert root.tag == "html"


def test_no_script_no_network_no_markup_from_events(text) -> None:
    found = read(text)
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "a:href"}
    loading = [(tag, name, value) for tag, attributes in found.tags for name, value in attributes.items()
               if name in ("src", "srcset", "style", "action") or name.startswith("on")
               or (name == "href" and not str(value).startswith("#"))]  # fmt: skip
    assert not loading
    assert "url(http" not in text
    assert "@import" not in text
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in next(a["content"] for t, a in found.tags if a.get("http-equiv"))


def test_both_languages_say_everything(text) -> None:
    tags = [attributes.get("lang") for _, attributes in read(text).tags]
    assert tags.count("ko") - 1 == tags.count("en") > 300
    assert 'id="to-ko"' in text
    assert 'id="to-en"' in text


def test_every_picture_has_a_name_and_every_name_is_there(text) -> None:
    found = read(text)
    pictures = [a for t, a in found.tags if t == "svg" and "aria-hidden" not in a]
    ids = [a["id"] for _, a in found.tags if "id" in a]
    assert len(pictures) >= 9
    assert all(a["role"] == "img" and a["aria-labelledby"] in ids for a in pictures)
    assert len(ids) == len(set(ids))
    assert set(SECTIONS) <= set(ids)


def test_fifty_stories_and_ten_look_alikes_are_told(text) -> None:
    assert text.count('class="story"') == 60
    assert text.count('<li class="step">') > 200


def test_numbers_are_numbers(text) -> None:
    assert not re.search(r'="(nan|inf|-inf|None)', text)
    assert "nan" not in text.lower().replace("finan", "")


def test_the_same_town_gives_the_same_page(town, text) -> None:
    path, _ = write_report(town)
    assert path.read_text("utf-8") == text
    path, _ = write_report(town, seed=99)
    assert path.read_text("utf-8") != text


def test_a_folder_that_cannot_be_written_is_named(town, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("haechi.town.report.os.replace", full)
    with pytest.raises(FolderNotWritable, match="No space left"):
        write_report(town)
    assert not list(town.glob("*.part"))
