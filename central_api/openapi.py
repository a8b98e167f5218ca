"""The interface description: FastAPI's own, plus the messages that are checked by hand (access/json_body.py)."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from domain.messages.area_gallery import AreaGalleryRequest
from domain.messages.cards import ActivationProof, ActivationRequest, CardOrderRequest
from domain.messages.kiosks import KioskRegistration
from domain.messages.sync import ErrorBody, PushRequest
from domain.record import Record

#: Every message that a route takes as its body.
BODIES: tuple[type[Record], ...] = (
    KioskRegistration,
    PushRequest,
    CardOrderRequest,
    ActivationRequest,
    ActivationProof,
    AreaGalleryRequest,
    ErrorBody,
)
_REFERENCES = "#/components/schemas/{model}"


def install_openapi(app: FastAPI) -> None:
    """Makes ``/openapi.json`` whole."""
    plain = app.openapi

    def describe() -> dict[str, Any]:
        description = plain()
        _, schemas = models_json_schema([(kind, "validation") for kind in BODIES], ref_template=_REFERENCES)
        known = description.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in schemas["$defs"].items():
            known.setdefault(name, schema)
        return description

    # FastAPI's documented way to extend the description is to replace this method.
    setattr(app, "openapi", describe)  # noqa: B010 - mypy refuses the assignment
