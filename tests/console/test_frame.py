"""Every page: its headers, its words, its forms; and a page for each thing that goes wrong."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import jinja2
import pytest

import haechi.console
from haechi.console.pages import PAGES
from haechi.console.screen import edition, static_files
from haechi.console.words import LANGUAGES, spoken, words
from haechi.security import SCOPES

from .making import Bank, Browser, Seen

FOLDER = Path(haechi.console.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
PLAIN = [page.path for page in PAGES if page.method == "GET" and "{" not in page.path and page.path not in ("/", "/go")]
LETTERS = re.compile(r"[A-Za-z가-힣]{2,}")
SPOKEN = ("title", "aria-label", "placeholder", "alt", "aria-description", "data-over", "data-confirm")


def test_both_languages_have_the_same_words() -> None:
    tables = {language: words(language)._texts for language in LANGUAGES}
    assert set(tables["en"]) == set(tables["ko"])
    for name, text in tables["en"].items():
        assert text.strip(), name
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", tables["ko"][name])), name


def test_every_page_of_the_rail_has_its_own_key() -> None:
    keys = [page.rail.key for page in PAGES if page.rail]
    assert all(keys)
    assert len(keys) == len(set(keys)), keys


def literals(source: str) -> list[str]:
    """Words in a template that no word file has."""
    source = re.sub(r"{#.*?#}", "", source, flags=re.S)
    source = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.S)
    found = [v for name in SPOKEN for v in re.findall(rf'\s{name}="([^"]*)"', source) if LETTERS.search(v)]
    text = re.sub(r"<kbd[^>]*>[^<]*</kbd>", "", source)
    text = re.sub(r"<[^>]*>", " ", text)
    return found + LETTERS.findall(re.sub(r"&\w+;", " ", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words_no_inline_code_and_nothing_unescaped(path: Path) -> None:
    source = path.read_text()
    assert not literals(source)
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son\w+=|javascript:", source), "inline code"
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", source), "everything is escaped"
    assert "http://" not in source.replace("http://www.w3.org", "")
    for form in re.findall(r'<form[^>]*method="post".*?</form>', source, flags=re.S):
        assert "guard()" in form or 'action="/sign-in"' in form
    jinja2.Environment(autoescape=True).parse(source)


def test_the_literal_check_sees_a_bad_sample() -> None:
    assert literals("<p>Hello</p>") == ["Hello"]
    assert literals('<a title="Go on">{{ t("x.y") }}</a><kbd>Enter</kbd>') == ["Go on"]


def test_our_scripts_are_few_small_and_without_html() -> None:
    sizes = {name: content.count(b"\n") for name, content in static_files().items() if name.endswith(".js")}
    assert max(sizes.values()) <= 100, sizes
    assert sum(sizes.values()) <= 300, sizes
    for name, content in static_files().items():
        if name.endswith(".js"):
            text = content.decode()
            assert not re.search(r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML\s*=", text), name
            assert ("innerHTML" in text) == (name == "trusted.js")
            assert not re.search(r"https?://", text), name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PLAIN)
def test_every_page_is_whole(bank: Bank, path: str, language: str) -> None:
    seen = bank.person(language=language).get(path)
    check_page(seen)
    assert f'lang="{language}"' in seen.html


def check_page(seen: Seen) -> None:
    """What holds for every page."""
    head = seen.answer.headers
    assert "require-trusted-types-for 'script'" in head["content-security-policy"]
    assert "unsafe" not in head["content-security-policy"]
    assert (head["cache-control"], head["x-content-type-options"]) == ("no-store", "nosniff")
    for tag, given in seen.tags:
        assert "style" not in given
        assert not [name for name in given if name.startswith("on")]
        assert tag != "style"
        assert tag != "script" or given.get("src", "").startswith(f"/static/{edition()}/")
        for name in ("src", "href", "action"):
            where = given.get(name) or "/"
            assert where.startswith(("/", "#", "?")), where
            assert not where.startswith("//"), where
    assert [tag for tag, _ in seen.tags].count("h1") == 1
    assert [tag for tag, _ in seen.tags].count("main") == 1
    ids = [given["id"] for _, given in seen.tags if "id" in given]
    assert len(ids) == len(set(ids)), "an id names one thing"
    for form in seen.forms:
        assert form["method"] == "get" or form["action"] == "/sign-in" or len(form["fields"]["csrf"]) == 64


def test_every_route_asks_for_its_right_and_for_no_other(bank: Bank) -> None:
    nobody = bank.browser()
    people = {}
    for right in SCOPES:
        people[right] = bank.person(f"no {right}", set(SCOPES) - {right}), bank.person(right, [right])
        bank.clock.now += 10_000_000  # only so many may sign in within a minute
    for page in PAGES:
        path = re.sub(r"{[^}]*}", "1", page.path)
        without, having = people[page.right]
        if page.method == "GET":
            assert nobody.line.get(path).status_code == 303, path
            assert without.line.get(path).status_code == 403, path
            assert having.line.get(path).status_code not in (403, 500), path
        else:
            assert nobody.send(path, once="x").status_code in (303, 401), path
            assert without.send(path, **form_of(bank, without)).status_code == 403, path
            assert having.send(path, **form_of(bank, having)).status_code not in (403, 500), path


def form_of(bank: Bank, browser: Browser) -> dict[str, str]:
    """A form's own fields for somebody who sees no page."""
    session, _ = bank.sessions.of(browser.line.cookies["haechi_session"], bank.clock())
    return {"csrf": session.csrf, "once": bank.sessions.number()}


def test_a_form_without_its_token_or_number_is_refused(bank: Bank) -> None:
    ana = bank.person()
    for page in PAGES:
        if page.method == "POST":
            path = re.sub(r"{[^}]*}", "1", page.path)
            for wrong in ({"once": "1"}, {"csrf": "0" * 64, "once": "1"}):
                assert ana.send(path, **wrong).status_code == 403, path
            session = form_of(bank, ana)
            assert ana.send(path, csrf=session["csrf"]).status_code == 400, path


def test_an_unknown_address_is_a_humane_page(bank: Bank) -> None:
    ana = bank.person()
    for path in ("/nowhere", "/alerts/a-none", "/static/x/none.js", "/%00", "/alerts/%F0%9F"):
        seen = ana.get(path, 404)
        assert "Nothing here" in seen.text or seen.html == "", path
    assert "찾을 수 없습니다" in bank.person(language="ko").get("/nowhere", 404).text
    assert "Nothing here" in bank.browser().get("/nowhere", 404).text


def test_trouble_is_told_on_every_page(bank: Bank) -> None:
    bank.behind.wrong = ["model", "journal"]
    assert "No model decides yet" in bank.person().get("/watch").text


def test_language_and_theme_come_from_the_address_and_stay(bank: Bank) -> None:
    ana = bank.person()
    seen = ana.get("/watch?lang=ko&theme=dark")
    assert 'lang="ko" data-theme="dark"' in seen.html
    assert 'lang="ko" data-theme="dark"' in ana.get("/watch").html
    assert 'data-theme="auto"' in ana.get("/keys?theme=blue").html
    assert spoken("xx", None, "fr;q=1, ko-KR;q=0.8") == "ko"
    assert spoken(None, "ko", "en") == "ko"
    assert spoken(None, None, "") == "en"


def test_files_are_kept_for_good_under_their_edition(bank: Bank) -> None:
    browser = bank.browser()
    answer = browser.line.get(f"/static/{edition()}/console.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert browser.line.get("/static/old/console.css").headers["cache-control"] == "no-cache"
    assert browser.line.get(f"/static/{edition()}/..%2Fapp.py").status_code == 404


def test_reports_of_browsers_are_counted(bank: Bank) -> None:
    assert bank.browser().line.post("/reports/csp", content=b"x" * 100_000).status_code == 204
    assert bank.app.reports.count == 1


def test_only_so_many_pages_at_once(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = bank.person()
    monkeypatch.setattr(bank.app.door, "_busy", bank.limits.at_once_max)
    assert ana.line.get("/watch").status_code == 503


def test_the_package_holds_what_the_pages_need() -> None:
    for name in ("templates/base.html", "static/console.css", "words/ko/frame.toml"):
        assert (resources.files("haechi.console") / name).is_file()
