"""What the OpenAPI description says besides what follows from the functions."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from autostats.published.reader import Statistic
from autostats.published.words import MOST_ROWS_PER_PAGE
from autostats.serve.negotiation import MEDIA_TYPES, Served

_ERRORS = {
    304: "The client has this answer: If-None-Match names its ETag.",
    400: "A parameter, the body or the Host header cannot be used.",
    401: "A token is needed: Authorization: Bearer.",
    403: "A page of another site asked.",
    404: "There is no such statistic, report or path.",
    405: "This path does not take this method.",
    406: "Accept names no type that there is.",
    408: "The body did not arrive in time.",
    409: "The report has no file, not yet or never.",
    410: "The build is no longer kept.",
    413: "The body is too large.",
    429: "As many reports are ordered as may be: Retry-After says when to ask again.",
    431: "The address and the headers are too large.",
    503: "Nothing is published yet, or the server is busy: Retry-After says when to ask again.",
    504: "The query took too long.",
}
_ALWAYS = (400, 401, 405, 413, 431, 503)
_ERROR = {
    "type": "object",
    "required": ["error", "remedy"],
    "properties": {"error": {"type": "string"}, "remedy": {"type": "string"}},
}
_TEXT = {"type": "string"}
_PAGE = {
    "type": "object",
    "required": ["ident", "build", "total", "returned", "page", "pages", "rows"],
    "properties": {
        "ident": _TEXT,
        "build": _TEXT,
        "total": {"type": "integer", "minimum": 0},
        "returned": {"type": "integer", "minimum": 0, "maximum": MOST_ROWS_PER_PAGE},
        "page": {"type": "integer", "minimum": 1},
        "pages": {"type": "integer", "minimum": 1},
        "rows": {"type": "array", "items": {"type": "object"}},
    },
}
_LIST = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["ident", "summary", "bucket", "url", "state"],
        "properties": {
            "ident": _TEXT,
            "summary": _TEXT,
            "bucket": {"type": ["string", "null"]},
            "url": {"type": ["string", "null"]},
            "state": {"enum": ["ok", "failed"]},
            "error": _TEXT,
        },
    },
}
_LAYOUT = {
    "type": "object",
    "required": ["ident", "build", "columns"],
    "properties": {
        "ident": _TEXT,
        "build": _TEXT,
        "columns": {
            "type": "array",
            "items": {"type": "object", "required": ["name", "type", "kind"], "properties": {"name": _TEXT}},
        },
    },
}
_REPORT = {
    "type": "object",
    "required": ["report_id", "state", "build", "created_at", "ended_at", "url", "file", "reason"],
    "properties": {
        "report_id": {"type": "string", "format": "uuid"},
        "state": {"enum": ["Running", "Complete", "Failed"]},
        "build": _TEXT,
        "created_at": {"type": "string", "format": "date-time"},
        "ended_at": {"type": ["string", "null"], "format": "date-time"},
        "url": _TEXT,
        "file": {"type": ["string", "null"]},
        "reason": {"type": ["string", "null"]},
    },
}
_ORDERED = {
    "type": "object",
    "required": ["report_id"],
    "properties": {"report_id": {"type": "string", "format": "uuid"}},
}
_HEALTH = {
    "type": "object",
    "required": ["status", "build"],
    "properties": {"status": _TEXT, "build": {"type": ["string", "null"]}},
}
_ANY_TEXT = {name: {"schema": _TEXT} for name in ("text/plain", "text/csv", "text/html", "text/markdown")}
_TYPED = (Served.XLSX, Served.PARQUET)
_BINARY = (Served.PNG, *_TYPED)
_FILE = {**_ANY_TEXT, "application/json": {}, **{MEDIA_TYPES[each]: {} for each in _TYPED}}


def _json(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _rows() -> dict[str, Any]:
    content: dict[str, Any] = {}
    for each in Served:
        shown = {} if each in _BINARY else {"schema": _PAGE if each is Served.JSON else _TEXT}
        content[MEDIA_TYPES[each].partition(";")[0]] = shown
    headers = {
        "Link": "The addresses of the next and the previous page, which keep to the query and its build.",
        "X-Link-Number": "The number of the page.",
        "X-Link-Count": "How many pages there are.",
        "ETag": "Names the answer, for If-None-Match.",
    }
    described = {name: {"description": what, "schema": _TEXT} for name, what in headers.items()}
    return {"description": "Rows of the statistic.", "content": content, "headers": described}


def _parameter(name: str, what: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": what, "schema": schema, **more}


_BUILD = _parameter("build", "A build, as Link names it. Default: the newest.", _TEXT)
_JSON_ONLY = _parameter("format", "json, which is what there is.", {"enum": ["json"]})
_POSITIVE = {"type": "integer", "minimum": 1}
_MOMENT = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$",
}
_OF_ROWS = [
    _parameter("order", "By time; desc, the default, begins with the newest.", {"enum": ["asc", "desc"]}),
    _parameter("start", "The first day (its beginning at the facility) or instant (UTC).", _MOMENT),
    _parameter("stop", "The first day or instant that is not wanted any more.", _MOMENT),
    _parameter("limit", "At most so many rows in all.", _POSITIVE),
    _parameter("page", "The number of the page. Without it, csv is the whole table.", _POSITIVE),
    _parameter("rows_per_page", "The default is the most.", _POSITIVE | {"maximum": MOST_ROWS_PER_PAGE}),
    _BUILD,
    _parameter("format", "Counts more than the header Accept.", {"enum": list(Served)}),
]
# By the name of the function: the parameters, the answers, and the errors besides those of every path.
_PATHS: Mapping[str, tuple[list[dict[str, Any]], dict[str, Any], tuple[int, ...]]] = {
    "listing": ([_BUILD, _JSON_ONLY], {"200": _json(_LIST, "The statistics.")}, (304, 406, 410)),
    "layout": (
        [_BUILD, _JSON_ONLY],
        {"200": _json(_LAYOUT, "The columns of the statistic.")},
        (304, 404, 406, 410),
    ),
    "rows_of": (_OF_ROWS, {"200": _rows()}, (304, 404, 406, 410, 504)),
    "order": (
        [],
        {"200": _json(_REPORT, "It was made before."), "202": _json(_REPORT, "It is being made.")},
        (403, 408, 429),
    ),
    "state_of_report": ([], {"200": _json(_REPORT, "The report.")}, (404,)),
    "file_of_report": ([], {"200": {"description": "The file.", "content": _FILE}}, (404, 409)),
    "trigger": ([], {"200": _json(_ORDERED, "The report that is made.")}, (403, 429)),
    "get_report": (
        [],
        {"200": {"description": "Running, Failed and why, or the file.", "content": _FILE}},
        (404,),
    ),
    "metrics": (
        [],
        {"200": {"description": "The metrics.", "content": {"text/plain": {"schema": _TEXT}}}},
        (),
    ),
    "health": ([], {"200": _json(_HEALTH, "The server is there.")}, ()),
}


def _described(operation: dict[str, Any], name: str) -> None:
    parameters, answers, errors = _PATHS[name]
    if parameters:
        operation["parameters"] = [*operation.get("parameters", ()), *parameters]
    operation["operationId"] = name
    operation["responses"] = dict(answers)
    for status in sorted({*_ALWAYS, *errors}):
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        if status == 400:
            # What is no HTTP at all is refused in plain words.
            content["text/plain"] = {"schema": _TEXT}
        described: dict[str, Any] = {"description": _ERRORS[status]}
        operation["responses"][str(status)] = described | ({} if status == 304 else {"content": content})


def describe(app: FastAPI, statistics: Sequence[Statistic], *, has_token: bool) -> dict[str, Any]:
    """Return the OpenAPI description of the application, with the names of the statistics that it serves."""
    with warnings.catch_warnings():
        # GET and HEAD share a function, and with it the id.
        warnings.filterwarnings("ignore", "Duplicate Operation ID")
        described = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    for operations in described["paths"].values():
        operations.pop("head", None)
        for operation in operations.values():
            _described(operation, operation["operationId"])
            _named(operation, [each for each in statistics if each.bucket is not None])
    # Whoever watches the server needs no token.
    described["paths"]["/healthz"]["get"]["security"] = []
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Error"] = _ERROR
    if has_token:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
    return described


def _named(operation: dict[str, Any], statistics: Sequence[Statistic]) -> None:
    """Name the statistics, and the dimensions by which their rows can be filtered."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "ident" and statistics:
            parameter["schema"] = {"enum": [each.ident for each in statistics]}
    if operation["operationId"] != "rows_of":
        return
    dimensions = {name: each.ident for each in statistics for name in each.dimensions}
    for name in sorted(dimensions):
        owners = ", ".join(each.ident for each in statistics if name in each.dimensions)
        what = f"Rows with this value; repeated: with any of them. Of {owners}."
        schema = {"type": "array", "items": _TEXT}
        operation["parameters"].append(_parameter(name, what, schema, style="form", explode=True))
