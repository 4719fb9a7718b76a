"""The document is sound, complete, and the same table that routes."""

from __future__ import annotations

from openapi_spec_validator import validate

from api.fake import Door
from haechi import __version__
from haechi.api import ROUTES, document
from haechi.api.calls import Calls
from haechi.security import SCOPES


def test_the_document_is_valid_openapi_31() -> None:
    told = document(ROUTES, version=__version__)
    validate(told)
    assert told["openapi"].startswith("3.1")


def test_what_is_served_is_the_document() -> None:
    answer = Door()("GET", "/openapi.json", key=None)
    assert answer.json == document(ROUTES, version=__version__)


def test_every_route_is_told_and_every_call_exists() -> None:
    paths = document(ROUTES, version="0")["paths"]
    assert {(r.method.lower(), r.path) for r in ROUTES} == {(m, p) for p, methods in paths.items() for m in methods}
    for route in ROUTES:
        assert callable(getattr(Calls, route.name))
        told = paths[route.path][route.method.lower()]
        assert told["operationId"] == route.name
        assert bool(told["security"]) == (route.scope is not None)
        assert ("401" in told["responses"]) == (route.scope is not None)
        assert route.scope is None or route.scope in SCOPES


def test_only_health_and_the_document_are_open() -> None:
    assert {r.name for r in ROUTES if r.scope is None} == {"healthz", "readyz", "openapi"}
