"""Bodies checked once, at the edge, by the message's own record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from central_api.access.signed_request import RawBody
from central_api.errors import MalformedRequest
from domain.record import Record

Message = TypeVar("Message", bound=Record)


def json_body(kind: type[Message]) -> Callable[[bytes], Message]:
    """A dependency that gives the body as that message, or refuses with ``err.request.malformed``.

    Not FastAPI's own body parameter: it parses the JSON first and validates the Python values, where a ``bytes``
    field would take the base64 text itself.
    """

    def parse(body: RawBody) -> Message:
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            # Without the error's text: it quotes the input.
            raise MalformedRequest("not a " + kind.__name__, problems=error.error_count()) from None

    return parse


def describes_body(kind: type[Record]) -> dict[str, Any]:
    """``openapi_extra`` for a route whose body is that message; ``openapi.py`` adds the messages themselves."""
    reference = {"$ref": f"#/components/schemas/{kind.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}
