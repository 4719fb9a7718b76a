"""The OpenAPI 3.1 document, made from the table of routes and the types it names."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from haechi.api.errors import PROBLEM_TYPE, Fault, HeadTooLarge, Problem, Refusal
from haechi.api.routes import JSON_LINES, Route

Document = dict[str, Any]
_EVERYWHERE: tuple[type[Refusal], ...] = (Fault, HeadTooLarge)


def document(routes: Iterable[Route], *, version: str) -> Document:
    """Describe every route; the same table drives the router."""
    routes = tuple(routes)
    types = {t for route in routes for t in (route.answer, route.body) if t is not None} | {Problem}
    named = sorted(
        (t for t in types if isinstance(t, type) and issubclass(t, msgspec.Struct)), key=lambda t: t.__name__
    )
    _, schemas = msgspec.json.schema_components(named, ref_template="#/components/schemas/{name}")
    paths: Document = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Haechi",
            "version": version,
            "summary": "A decision with reasons for every payment, transfer and login",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key: hk_<id>_<secret>"}
            },
        },
    }


def _operation(route: Route) -> Document:
    operation: Document = {"operationId": route.name, "summary": route.summary}
    if route.scope is None:
        operation["security"] = []
    else:
        operation["security"] = [{"key": []}]
        scopes = " or ".join(f"`{scope}`" for scope in (route.scope, route.other_scope) if scope)
        operation["description"] = f"The key needs the scope {scopes}."
    if route.parameters:
        operation["parameters"] = [
            {
                "name": p.name,
                "in": p.place,
                "description": p.description,
                "required": p.place == "path",
                "schema": p.schema,
            }
            for p in route.parameters
        ]
    if route.body is not None:
        content = {kind: _content(route.body, kind) for kind in route.body_types}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = _responses(route)
    return operation


def _responses(route: Route) -> Document:
    good = {"description": route.summary, "content": {route.answer_type: _content(route.answer, route.answer_type)}}
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in (*route.refusals, *_EVERYWHERE):
        by_status.setdefault(refusal.status, []).append(refusal)
    responses: Document = {"200": good}
    for status, refusals in sorted(by_status.items()):
        told = "; ".join(r.__doc__.rstrip(".") for r in refusals if r.__doc__)
        problem = {"schema": _schema(Problem)}
        responses[str(status)] = {
            "description": told or HTTPStatus(status).phrase,
            "content": {PROBLEM_TYPE.decode(): problem},
        }
    return responses


def _content(kind: Any, media_type: str) -> Document:
    if media_type not in JSON_LINES:
        return {"schema": _schema(kind)}
    # OpenAPI 3.1 has no word for "one of these per line": the text is described, the shape of a line is named.
    return {
        "schema": {"type": "string", "description": f"One {kind.__name__} per line.", "x-line-schema": _schema(kind)}
    }


def _schema(kind: Any) -> Document:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return dict(schema)
