"""Errors that a caller is told about: an expected one has a 4xx status and a code; a 500 is always our bug."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from domain.errors import NotAvailableYet, ProjectError
from domain.messages.area_gallery import CODE_KIOSK_RETIRED
from domain.messages.signing import CODE_REPLAYED, CODE_UNAUTHORIZED, CODE_WRONG_TIME
from domain.messages.sync import ErrorBody

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
NO_STORE = {"Cache-Control": "no-store"}
CODE_OUR_FAULT = "err.registry"
CODE_MALFORMED = "err.request.malformed"
#: 503: locked for too long, shutting down, or two transactions in each other's way. Send it again.
CODE_BUSY = "err.registry.busy"


class RequestRefused(ProjectError):
    """Root of what the registry answers with a 4xx; a room derives its own with its own code."""

    code = "err.request.refused"
    message_key = "error.request_refused"
    status = HTTPStatus.BAD_REQUEST


class MalformedRequest(RequestRefused):
    """The body or a parameter is not the message that belongs here; ``problems`` counts what was wrong."""

    code = CODE_MALFORMED
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class Unauthorized(RequestRefused):
    """No signature, an unknown kiosk, or a signature that does not hold. Never says which."""

    code = CODE_UNAUTHORIZED
    status = HTTPStatus.UNAUTHORIZED


class KioskRetired(RequestRefused):
    """The kiosk was taken out of service; nothing is taken from it or given to it any more."""

    code = CODE_KIOSK_RETIRED
    status = HTTPStatus.FORBIDDEN


class WrongTime(RequestRefused):
    """The signature is too old or from the future; ``registry_time`` is ours, in seconds since 1970."""

    code = CODE_WRONG_TIME
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, registry_time: int) -> None:
        super().__init__("signature made at the wrong time", registry_time=registry_time)


class Replayed(RequestRefused):
    """The nonce of this request was used before."""

    code = CODE_REPLAYED
    status = HTTPStatus.CONFLICT


class NotFound(RequestRefused):
    """Nothing under that id; ``what`` names the kind of thing."""

    code = "err.not_found"
    status = HTTPStatus.NOT_FOUND

    def __init__(self, what: str) -> None:
        super().__init__(f"no such {what}", what=what)


class Conflict(RequestRefused):
    """The request contradicts what the registry already holds; a room derives its own."""

    code = "err.conflict"
    status = HTTPStatus.CONFLICT


def answer_error(status: int, code: str, params: dict[str, str | int] | None = None) -> JSONResponse:
    """RFC 9457 problem details. Carries codes only, never the text of an exception."""
    title = HTTPStatus(status).phrase
    body = ErrorBody(title=title, status=status, code=code, params=params or {})
    return JSONResponse(body.model_dump(mode="json"), status, headers=NO_STORE, media_type=PROBLEM_JSON)


def install_error_handlers(app: FastAPI) -> None:
    """Turns every exception into an ErrorBody."""

    @app.exception_handler(ProjectError)
    async def on_project_error(_request: Request, error: ProjectError) -> JSONResponse:
        return answer_error(_status_of(error), error.code, error.params)

    @app.exception_handler(HTTPException)
    async def on_http_error(_request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
        return answer_error(error.status_code, f"err.http.{phrase}")

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return answer_error(MalformedRequest.status, CODE_MALFORMED, {"problems": len(error.errors())})

    @app.exception_handler(DataError)
    async def on_impossible_value(_request: Request, _error: DataError) -> JSONResponse:
        # A NUL in a text, a number beyond the column: PostgreSQL says so, and the sender is told.
        return answer_error(MalformedRequest.status, CODE_MALFORMED)

    @app.exception_handler(OperationalError)
    async def on_busy(_request: Request, error: OperationalError) -> JSONResponse:
        logger.warning("the database did not answer: %s", type(error.orig).__name__)
        return answer_error(HTTPStatus.SERVICE_UNAVAILABLE, CODE_BUSY)

    @app.exception_handler(Exception)
    async def on_our_fault(request: Request, error: Exception) -> JSONResponse:
        # The type alone: the text may quote a row, and rows hold people.
        logger.error("%s on %s", type(error).__name__, request.scope.get("route"))
        return answer_error(HTTPStatus.INTERNAL_SERVER_ERROR, CODE_OUR_FAULT)


def _status_of(error: ProjectError) -> int:
    if isinstance(error, RequestRefused):
        return error.status
    if isinstance(error, NotAvailableYet):
        return HTTPStatus.NOT_IMPLEMENTED
    # An error of the domain that a request brought about: the request did not fit what is there.
    return HTTPStatus.CONFLICT
