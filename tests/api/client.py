"""A kiosk as the registry sees it: keys, signed requests, and a chain of signed events."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import httpx
from anyio.from_thread import BlockingPortal
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from card_service.ecdsa_raw import encode_point
from domain.events import FIRST_PREVIOUS_HASH, EventBody, EventKind, SignedEvent
from domain.ids import AreaCode, EventId, KioskId, OperatorId, make_uuid7
from domain.messages import routes
from domain.messages.kiosks import (
    KioskBundle,
    KioskRegistration,
    KioskRegistrationAnswer,
    SignedBundle,
)
from domain.messages.signing import COVERED_COMPONENTS, NONCE_BYTES, SIGNATURE_LABEL, SIGNATURE_TAG
from domain.messages.sync import EventAnswer, PushReceipt, PushRequest, SignedPushReceipt
from domain.record import Record

Answer = TypeVar("Answer", bound=Record)
BASE_URL = "http://registry.test"


class AsgiBridge(httpx.BaseTransport):
    """Hands requests of an ordinary client to the application, from any thread."""

    def __init__(self, app: Any, portal: BlockingPortal, *, raises: bool = True, host: str = "127.0.0.1") -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=raises, client=(host, 50000))
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._inner.handle_async_request(request)
            body = await answer.aread()
            return httpx.Response(answer.status_code, headers=answer.headers, content=body)

        return self._portal.call(ask)


class _OneKey(HTTPSignatureKeyResolver):  # type: ignore[misc]
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._key


class TestKiosk:
    """Keys, a client and the kiosk's own chain of events."""

    __test__ = False

    def __init__(self, client: httpx.Client, now: Callable[[], datetime]) -> None:
        self.client = client
        self.now = now
        self.key = Ed25519PrivateKey.generate()
        self.terminal_key = ec.generate_private_key(ec.SECP256R1())
        self.id = KioskId("")
        self.reference = ""
        self.registry_key = b""
        self.sequence = 0
        self.previous_hash = FIRST_PREVIOUS_HASH

    def registration(self, code: str, area: str) -> KioskRegistration:
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return KioskRegistration(
            one_time_code=code,
            kiosk_name="Help desk",
            area=AreaCode(area),
            signing_key=public,
            terminal_key=encode_point(self.terminal_key.public_key()),
        )

    def join(self, code: str, area: str) -> KioskRegistrationAnswer:
        body = self.registration(code, area).model_dump_json()
        response = self.client.post(routes.KIOSK_REGISTRATION, content=body, headers=JSON)
        assert response.status_code == 200, response.text
        answer = KioskRegistrationAnswer.model_validate_json(response.content)
        self.id, self.registry_key = answer.kiosk_id, answer.registry_key
        self.reference = f"UT{answer.kiosk_id}00001"
        return answer

    def request(self, method: str, path: str, message: Record | None = None, **params: Any) -> httpx.Request:
        """A signed request, not sent yet."""
        content = b"" if message is None else message.model_dump_json().encode()
        request = self.client.build_request(method, path, content=content, params=params or None, headers=JSON)
        return self.sign(request)

    def sign(self, request: httpx.Request, **changes: Any) -> httpx.Request:
        signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_OneKey(self.key))
        settings: dict[str, Any] = {
            "key_id": self.id,
            "created": self.now(),
            "nonce": secrets.token_hex(NONCE_BYTES),
            "label": SIGNATURE_LABEL,
            "tag": SIGNATURE_TAG,
            "covered_component_ids": COVERED_COMPONENTS,
            "body": request.content,
        }
        signer.sign(request, **{**settings, **changes})
        return request

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.client.send(self.request("GET", path, **params))

    def post(self, path: str, message: Record) -> httpx.Response:
        return self.client.send(self.request("POST", path, message))

    def ask(self, kind: type[Answer], path: str, **params: Any) -> Answer:
        response = self.get(path, **params)
        assert response.status_code == 200, response.text
        return kind.model_validate_json(response.content)

    def bundle(self) -> KioskBundle:
        signed = self.ask(SignedBundle, routes.BUNDLE)
        key = Ed25519PublicKey.from_public_bytes(self.registry_key)
        key.verify(bytes.fromhex(signed.signature_hex), signed.bundle_json.encode())
        return KioskBundle.model_validate_json(signed.bundle_json)

    def make_event(self, kind: EventKind, payload: Record | dict[str, Any], operator: str | None = None) -> SignedEvent:
        """The next event of the chain."""
        self.sequence += 1
        plain = payload.model_dump(mode="json") if isinstance(payload, Record) else payload
        body = EventBody(
            id=EventId(make_uuid7(unix_ms=int(self.now().timestamp() * 1000), random=os.urandom(10))),
            kiosk_id=self.id,
            sequence=self.sequence,
            previous_hash=self.previous_hash,
            occurred_at=self.now(),
            kind=kind,
            operator_id=None if operator is None else OperatorId(operator),
            payload=plain,
        )
        self.previous_hash = body.hash_hex()
        return self.sign_event(body)

    def sign_event(self, body: EventBody) -> SignedEvent:
        return SignedEvent(body=body, signature_hex=self.key.sign(body.canonical_bytes()).hex())

    def push(self, *events: SignedEvent) -> list[EventAnswer]:
        response = self.post(routes.SYNC_PUSH, PushRequest(kiosk_id=self.id, events=events))
        assert response.status_code == 200, response.text
        signed = SignedPushReceipt.model_validate_json(response.content)
        key = Ed25519PublicKey.from_public_bytes(self.registry_key)
        key.verify(bytes.fromhex(signed.signature_hex), signed.receipt_json.encode())
        return list(PushReceipt.model_validate_json(signed.receipt_json).answers)

    def tell(self, kind: EventKind, payload: Record | dict[str, Any], operator: str | None = None) -> EventAnswer:
        """Makes the next event and pushes it."""
        return self.push(self.make_event(kind, payload, operator))[0]


JSON = {"content-type": "application/json"}
