"""The small payloads that have no message of their own elsewhere."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from domain.errors import ProjectError
from domain.record import Record

Message = TypeVar("Message", bound=Record)


class PayloadMalformed(ProjectError):
    """The event is signed and in its place, but its payload is not the message that its kind promises."""

    code = "event.payload_malformed"
    message_key = "error.event_payload_malformed"


def read_payload(kind: type[Message], payload: dict[str, JsonValue]) -> Message:
    """The payload as that message. Raises PayloadMalformed, without quoting the payload."""
    try:
        # By way of JSON: only there are byte strings read as base64.
        return kind.model_validate_json(json.dumps(payload))
    except ValidationError:
        raise PayloadMalformed("not a " + kind.__name__) from None
