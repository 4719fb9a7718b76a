"""The limits of the console, each with the number and its unit in its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of everything the console takes; what is over is a page that says so."""

    idle_s_max: int = 30 * 60  # a session that nobody uses ends
    session_s_max: int = 12 * 3_600  # and one that is used ends too
    sessions_max: int = 1_000
    password_s_max: int = 60 * 60
    password_tries_max: int = 5
    tries_per_minute_max: int = 20  # of everybody together: keys and passwords cannot be guessed, only asked for often
    form_bytes_max: int = 1 << 20
    upload_bytes_max: int = 6 << 20
    form_fields_max: int = 1_000
    once_max: int = 200  # forms that a session remembers to have sent
    at_once_max: int = 64  # pages that are made or wait to be made
    threads: int = 3
    report_bytes_max: int = 16 << 10
    feeds_max: int = 64
    heartbeat_s: float = 10.0


DEFAULT = Limits()
