"""Who is signed in: sessions by the hash of a random cookie, each with an end, and the password that opens one once.

Two ways in: the one-time password that the server printed when it started (the administrator of this machine), and any
API key (its name is the person, its scopes are her rights). So two people are two keys, and four eyes see.
"""

from __future__ import annotations

import threading
from base64 import b32encode
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest

from haechi.console.errors import TooMuch
from haechi.console.limits import Limits
from haechi.console.page import Person
from haechi.security import SCOPES, BadKey, StoredKey, key_digest, parse_key, verify_key

ADMINISTRATOR = "administrator"
PASSWORD_BYTES = 15  # 24 letters, 120 bits
TOKEN_BYTES = 32
US = 1_000_000
Find = Callable[[bytes], StoredKey | None]


def _hash(word: str, secret: str) -> bytes:
    return sha256(f"haechi console {word}\x00{secret}".encode(errors="replace")).digest()


class Password:
    """A password that opens the console once, for a while, after few wrong tries."""

    def __init__(self, entropy: bytes, made_us: int, limits: Limits) -> None:
        if len(entropy) != PASSWORD_BYTES:
            raise ValueError(f"a one-time password needs {PASSWORD_BYTES} random bytes")
        letters = b32encode(entropy).decode().lower()
        self.text = "-".join(letters[at : at + 6] for at in range(0, len(letters), 6))
        self._digest, self._until_us = _hash("password", self.text), made_us + limits.password_s_max * US
        self._tries, self._lock = limits.password_tries_max, threading.Lock()

    def opens(self, said: str, now_us: int) -> bool:
        """Whether this opens the console now; the right one never opens it again."""
        with self._lock:
            same = compare_digest(_hash("password", said.strip().lower()), self._digest)
            if self._tries <= 0 or now_us >= self._until_us:
                return False
            self._tries = 0 if same else self._tries - 1
            return same


class Session:
    """One person at one browser."""

    def __init__(self, name: str, digest: bytes | None, csrf: str, now_us: int) -> None:
        self.name, self.digest, self.csrf = name, digest, csrf
        self.begun_us = self.seen_us = now_us
        self.sent: OrderedDict[str, str] = OrderedDict()  # forms by their number, and where each led


class Sessions:
    """Everybody who is signed in; `entropy` gives random bytes, `find` an API key by its hash."""

    def __init__(self, limits: Limits, password: Password, find: Find, entropy: Callable[[int], bytes]) -> None:
        self.limits, self._password, self._find, self._entropy = limits, password, find, entropy
        self._open: OrderedDict[bytes, Session] = OrderedDict()
        self._lock = threading.Lock()
        self._minute, self._tries = 0, 0

    def sign_in(self, secret: str, now_us: int) -> str | None:
        """Open a session with a key or the password and give its cookie; None when the secret is wrong."""
        self._count_try(now_us)
        secret = secret.strip()
        key = self._key(secret) if secret.startswith("hk_") else None
        if key is None and not self._password.opens(secret, now_us):
            return None
        cookie, csrf = self._entropy(TOKEN_BYTES).hex(), self._entropy(TOKEN_BYTES).hex()
        name, digest = (ADMINISTRATOR, None) if key is None else (key.name, key.digest)
        with self._lock:
            self._open[_hash("session", cookie)] = Session(name, digest, csrf, now_us)
            while len(self._open) > self.limits.sessions_max:
                self._open.popitem(last=False)
        return cookie

    def of(self, cookie: str | None, now_us: int, *, touch: bool = True) -> tuple[Session, Person] | None:
        """The session of a cookie, and its person as she may act now; None when it has ended or her key was revoked.

        Without `touch` the session grows idle as before.
        """
        if cookie is None:
            return None
        name = _hash("session", cookie)
        with self._lock:
            session = self._open.get(name)
            if session is None:
                return None
            idle, old = now_us - session.seen_us, now_us - session.begun_us
            if idle >= self.limits.idle_s_max * US or old >= self.limits.session_s_max * US:
                del self._open[name]
                return None
            session.seen_us = now_us if touch else session.seen_us
        if session.digest is None:
            return session, Person(session.name, frozenset(SCOPES))
        key = self._find(session.digest)
        if key is None or key.revoked_us is not None:
            self.sign_out(cookie)
            return None
        return session, Person(key.name, key.scopes)

    def sign_out(self, cookie: str | None) -> None:
        """End a session; its pages are gone with the next request."""
        with self._lock:
            self._open.pop(_hash("session", cookie or ""), None)

    def number(self) -> str:
        """A number for a form, so that it counts once however often it is sent."""
        return self._entropy(12).hex()

    def begin(self, session: Session, once: str) -> str | None:
        """Note that a form is being carried out; where it led when it was sent before, empty while that goes on."""
        with self._lock:
            if once in session.sent:
                return session.sent[once]
            session.sent[once] = ""
            while len(session.sent) > self.limits.once_max:
                session.sent.popitem(last=False)
            return None

    def finish(self, session: Session, once: str, led_to: str | None) -> None:
        """Note where a form led; None when it was refused, so that it may be sent again."""
        with self._lock:
            if led_to is None:
                session.sent.pop(once, None)
            elif once in session.sent:
                session.sent[once] = led_to

    def _key(self, secret: str) -> StoredKey | None:
        try:
            presented = parse_key(secret.encode(errors="replace"))
            return verify_key(presented, self._find(key_digest(secret.encode())))
        except BadKey:
            return None

    def _count_try(self, now_us: int) -> None:
        with self._lock:
            minute = now_us // (60 * US)
            self._tries = self._tries + 1 if minute == self._minute else 1
            self._minute = minute
            if self._tries > self.limits.tries_per_minute_max:
                raise TooMuch("too many tries to sign in: wait a minute")
