"""Every answer that is a refusal, as a tree; each carries its HTTP status and one line that says what to do.

* Refusal
  x BadRequest      400  what came is not HTTP/1.1
  x BadJson         400  the body is not JSON, or too deep
  x BadEvent        400  it is JSON, but not an event or a label we can take
  x BadQuery        400  a parameter in the address is wrong
  x BadRule         400  a rule, list or change that cannot be taken
  x BadAsk          400  something asked of the desk that makes no sense
  x Unauthorised    401  no key, or one that opens nothing
  x Forbidden       403  a sound key without this scope
  x NotFound        404  no such route or decision
  x WrongMethod     405  the route takes another method
  x TooSlow         408  the request did not arrive in time
  x Conflict        409  the same id came before with another body
  x TooLarge        413  body, line or batch over its limit
  x WrongType       415  not a media type the route takes
  x HeadTooLarge    431  address and headers over their limit
  x Fault           500  our mistake; the log has it, the answer does not
  x Busy            503  try again in a moment
    + NotReady      503  not yet, or no longer, able to decide
* ClientGone             the caller hung up: nobody is left to answer
* ServeError             the server cannot start
  x PortBusy             another program listens there
  x RemoteRefused        an address that other machines can reach
  x BadAddress           no address of this machine
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

PROBLEM_TYPE = b"application/problem+json"


class Problem(msgspec.Struct, omit_defaults=True):
    """A refusal as a document (RFC 9457): `detail` says what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    line: int | None = None


class Refusal(Exception):
    """A request is turned down, with a status and a sentence."""

    status: ClassVar[int] = 500
    word: ClassVar[str] = "fault"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(" ".join(detail.split()))
        self.headers = headers

    def problem(self, line: int | None = None) -> Problem:
        """Put the refusal into the words of RFC 9457."""
        return Problem(f"urn:haechi:problem:{self.word}", self.title, self.status, str(self), line)

    def document(self, line: int | None = None) -> bytes:
        """Write the problem document on one line; in a batch it names its line."""
        return msgspec.json.encode(self.problem(line))


class BadRequest(Refusal):
    """What came over the line is not HTTP/1.1."""

    status, word, title = 400, "bad-request", "Not HTTP"


class BadJson(Refusal):
    """The body is not JSON."""

    status, word, title = 400, "bad-json", "Not JSON"


class BadEvent(Refusal):
    """The body is JSON, but nothing we can take."""

    status, word, title = 400, "bad-event", "Not an event"


class BadQuery(Refusal):
    """A parameter in the address is wrong."""

    status, word, title = 400, "bad-query", "Wrong parameter"


class BadRule(Refusal):
    """A rule, a list or a change cannot be taken as it is."""

    status, word, title = 400, "bad-rule", "Not something we can take"


class BadAsk(Refusal):
    """What was asked of the desk makes no sense."""

    status, word, title = 400, "bad-ask", "Not something that can be done"


class Unauthorised(Refusal):
    """The caller showed no key, or one that opens nothing."""

    status, word, title = 401, "unauthorised", "API key needed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers=((b"www-authenticate", b'Bearer realm="haechi"'),))


class Forbidden(Refusal):
    """The key is sound, but not made for this."""

    status, word, title = 403, "forbidden", "Not allowed"


class NotFound(Refusal):
    """There is nothing at this address."""

    status, word, title = 404, "not-found", "Not found"


class WrongMethod(Refusal):
    """The route takes another method."""

    status, word, title = 405, "wrong-method", "Wrong method"

    def __init__(self, detail: str, allowed: str) -> None:
        super().__init__(detail, headers=((b"allow", allowed.encode()),))


class TooSlow(Refusal):
    """The request did not arrive in time."""

    status, word, title = 408, "too-slow", "Request too slow"


class Conflict(Refusal):
    """The same id was used before for another body, or what people agreed on does not allow this."""

    status, word, title = 409, "conflict", "In conflict with what is there"


class TooLarge(Refusal):
    """A body, a line or a batch is over its limit."""

    status, word, title = 413, "too-large", "Too large"


class WrongType(Refusal):
    """The body is of a kind that this route does not take."""

    status, word, title = 415, "wrong-type", "Unsupported media type"


class HeadTooLarge(Refusal):
    """Address and headers are over their limit."""

    status, word, title = 431, "head-too-large", "Headers too large"


class Fault(Refusal):
    """We made a mistake; what it was stands in the log only."""


class Busy(Refusal):
    """There is more work than we take at once; the same request may pass in a moment."""

    status, word, title = 503, "busy", "Busy"

    def __init__(self, detail: str, *, retry_after_s: int = 1) -> None:
        super().__init__(detail, headers=((b"retry-after", b"%d" % retry_after_s),))


class NotReady(Busy):
    """The house cannot decide now: still starting, stopping, or its journal is broken."""

    word, title = "not-ready", "Not ready"


class ClientGone(Exception):
    """The caller hung up before the request was complete."""


class ServeError(Exception):
    """The server cannot start."""


class PortBusy(ServeError):
    """Another program listens on this port."""


class RemoteRefused(ServeError):
    """The address can be reached from other machines, and nobody allowed that."""


class BadAddress(ServeError):
    """This machine has no such address."""
