"""The caller of a signed request, or a refusal that says no more than it must."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import Depends, Request
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
from http_message_signatures.algorithms import ED25519
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from starlette.datastructures import Headers

from central_api.access.repository import KnownKiosk, find_kiosk, forget_nonces, use_nonce
from central_api.context import Registry, RegistryPart
from central_api.errors import KioskRetired, Replayed, Unauthorized, WrongTime
from domain.messages.signing import COVERED_COMPONENTS, MAX_AGE_S, NONCE_BYTES, SIGNATURE_TAG

_NONCE_CHARACTERS = NONCE_BYTES * 2
#: Beyond the longest time in which a request could come again.
_NONCES_KEPT = timedelta(seconds=4 * MAX_AGE_S)
_ANY_TIME = timedelta(days=300_000)


@dataclass(frozen=True, slots=True)
class _Message:
    """A request as the signature library looks at it."""

    method: str
    url: str
    headers: Headers


class _KioskKeys(HTTPSignatureKeyResolver):
    """Finds the key of the kiosk named in the signature, and keeps the kiosk for the handler."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.kiosk: KnownKiosk | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        with self._registry.database.read() as connection:
            self.kiosk = find_kiosk(connection, key_id)
        return Ed25519PublicKey.from_public_bytes(self.kiosk.signing_key) if self.kiosk else None


async def read_body(request: Request) -> bytes:
    return await request.body()


#: The exact bytes of the request's body.
RawBody = Annotated[bytes, Depends(read_body)]


def authenticate(request: Request, body: RawBody, registry: RegistryPart) -> KnownKiosk:
    """The kiosk that signed this request. Raises Unauthorized, WrongTime, Replayed or KioskRetired."""
    keys = _KioskKeys(registry)
    created, nonce = _verify(request, body, keys)
    if keys.kiosk is None:
        raise Unauthorized("no such kiosk")
    now = registry.now()
    if abs(now.timestamp() - created) > MAX_AGE_S:
        raise WrongTime(int(now.timestamp()))
    _use_up(registry, keys.kiosk, nonce, now)
    if not keys.kiosk.is_active:
        # Said only to who has proved to be that kiosk: it shall forget what it holds of people.
        raise KioskRetired("out of service")
    return keys.kiosk


#: A handler's parameter that receives the calling kiosk.
Caller = Annotated[KnownKiosk, Depends(authenticate)]


def _verify(request: Request, body: bytes, keys: _KioskKeys) -> tuple[int, str]:
    """When and with which nonce the signature was made."""
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=keys)
    # The library compares with the machine's clock; ours is compared by the caller, so that both are one in tests.
    verifier.max_clock_skew = _ANY_TIME
    message = _Message(request.method, str(request.url), request.headers)
    try:
        results = verifier.verify(
            message,
            max_age=None,
            expect_tag=SIGNATURE_TAG,
            require_components=COVERED_COMPONENTS,
            body=body,
        )
    except (InvalidSignature, HTTPMessageSignaturesException) as error:
        raise Unauthorized("the signature does not hold") from error
    parameters = results[0].parameters
    created, nonce = parameters.get("created"), results[0].nonce
    if len(results) != 1 or not isinstance(created, int) or nonce is None or len(nonce) != _NONCE_CHARACTERS:
        raise Unauthorized("the signature lacks time or nonce")
    return created, nonce


def _use_up(registry: Registry, kiosk: KnownKiosk, nonce: str, now: datetime) -> None:
    # Its own transaction: the nonce stays used even when the request then fails.
    with registry.database.begin() as connection:
        forget_nonces(connection, now - _NONCES_KEPT)
        if not use_nonce(connection, kiosk.id, nonce, now):
            raise Replayed("nonce used before")
