"""Who comes in, for how long, and who does not."""

from __future__ import annotations

import pytest

from haechi.console import Limits, Password

from .making import Bank, Entropy

US = 1_000_000


def test_the_password_opens_once_and_the_administrator_may_do_everything(bank: Bank) -> None:
    browser = bank.browser()
    assert browser.get("/watch", 303).answer.headers["location"] == "/sign-in?to=%2Fwatch"
    answer = browser.send("/sign-in", secret=f" {bank.password.text.upper()} ", to="/watch")
    assert (answer.status_code, answer.headers["location"]) == (303, "/watch")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "administrator" in browser.get("/watch").text
    assert bank.browser().send("/sign-in", secret=bank.password.text).status_code == 403


def test_a_password_ends_and_takes_few_tries() -> None:
    limits = Limits()
    late = Password(Entropy()(15), 0, limits)
    assert not late.opens(late.text, limits.password_s_max * US)
    tried = Password(Entropy()(15), 0, limits)
    for _ in range(limits.password_tries_max):
        assert not tried.opens("guess", 1)
    assert not tried.opens(tried.text, 2)
    with pytest.raises(ValueError, match="15 random bytes"):
        Password(b"short", 0, limits)


def test_a_key_is_a_person_until_it_is_revoked(bank: Bank) -> None:
    ana = bank.person("ana", ["read"])
    assert "ana" in ana.get("/watch").text
    (digest,) = bank.behind.keys
    bank.behind.keys.clear()
    assert ana.get("/watch", 303).answer.headers["location"] == "/sign-in?to=%2Fwatch&over=1"
    assert digest
    assert bank.browser().send("/sign-in", secret="hk_nonsense").status_code == 403
    assert bank.browser().send("/sign-in", secret="").status_code == 403


def test_a_session_ends_by_idleness_by_age_and_by_its_owner(bank: Bank) -> None:
    idle, old, left = bank.person("a"), bank.person("b"), bank.person("c")
    bank.clock.now += (bank.limits.idle_s_max - 1) * US
    assert old.get("/watch")
    assert left.get("/watch")
    bank.clock.now += 2 * US
    assert idle.get("/watch", 303)
    cookie = left.line.cookies["haechi_session"]
    assert left.send("/sign-out", csrf="wrong").status_code == 303
    left.line.cookies.set("haechi_session", cookie, domain="127.0.0.1")
    assert left.get("/watch")
    left.send("/sign-out", **left.token())
    left.line.cookies.set("haechi_session", cookie, domain="127.0.0.1")
    assert left.get("/watch", 303)
    for _ in range(bank.limits.session_s_max // (bank.limits.idle_s_max - 1)):
        bank.clock.now += (bank.limits.idle_s_max - 1) * US
        old.line.get("/watch")
    bank.clock.now += 1_000 * US
    assert old.get("/watch", 303)


def test_an_expired_form_is_a_page_that_says_so_and_nothing_happens(bank: Bank) -> None:
    ana = bank.person()
    form = ana.token()
    bank.clock.now += bank.limits.idle_s_max * US
    answer = ana.send("/sign-out", **form)
    assert answer.status_code == 303
    assert "Sign in" in bank.browser().get("/sign-in?over=1").text
    assert "Your session has ended" in bank.browser().get("/sign-in?over=1").text


def test_many_tries_have_to_wait_and_foreign_pages_sign_nobody_in(bank: Bank) -> None:
    browser = bank.browser()
    for _ in range(bank.limits.tries_per_minute_max):
        assert browser.send("/sign-in", secret="x").status_code == 403
    assert browser.send("/sign-in", secret=bank.password.text).status_code == 429
    bank.clock.now += 60 * US
    browser.line.headers["sec-fetch-site"] = "cross-site"
    assert browser.send("/sign-in", secret=bank.password.text).status_code == 400


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(bank: Bank, where: str) -> None:
    browser = bank.browser()
    shown = browser.get(f"/sign-in?to={where}")
    assert shown.forms[0]["fields"]["to"] == "/"
    assert browser.send("/sign-in", secret=bank.password.text, to=where).headers["location"] == "/"


def test_so_many_sessions_and_the_oldest_goes(tmp_path) -> None:
    bank = Bank(tmp_path, Limits(sessions_max=1))
    first = bank.person("a")
    second = bank.person("b")
    assert second.get("/watch")
    assert first.get("/watch", 303)
    bank.close()
