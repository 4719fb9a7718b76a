"""How machines ask: HTTP calls, their limits and errors, the OpenAPI document and the server."""

from haechi.api.asgi import Api
from haechi.api.body import read_object
from haechi.api.errors import (
    BadAddress,
    BadEvent,
    BadJson,
    BadRule,
    Busy,
    Conflict,
    Fault,
    NotReady,
    PortBusy,
    Problem,
    Refusal,
    RemoteRefused,
    ServeError,
)
from haechi.api.front import Figure, Front
from haechi.api.limits import Limits
from haechi.api.openapi import document
from haechi.api.routes import ROUTES
from haechi.api.server import bind, run, serve

__all__ = [
    "ROUTES",
    "Api",
    "BadAddress",
    "BadEvent",
    "BadJson",
    "BadRule",
    "Busy",
    "Conflict",
    "Fault",
    "Figure",
    "Front",
    "Limits",
    "NotReady",
    "PortBusy",
    "Problem",
    "Refusal",
    "RemoteRefused",
    "ServeError",
    "bind",
    "document",
    "read_object",
    "run",
    "serve",
]
