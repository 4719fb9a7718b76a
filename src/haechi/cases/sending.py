"""How a webhook's message goes over the wire: one POST, no redirects, no proxy, a time limit, the answer's status."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

ANSWER_BYTES_MAX = 4_096


def post(url: str, body: bytes, head: Mapping[str, str], timeout_s: float) -> int:
    """Send one message and give the status that came back; raises OSError when nobody answered in HTTP."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", target, body, dict(head))
        answer = line.getresponse()
        answer.read(ANSWER_BYTES_MAX)
        return answer.status
    except HTTPException as error:
        raise ConnectionError(f"{type(error).__name__}: what answered does not speak HTTP") from error
    finally:
        line.close()
