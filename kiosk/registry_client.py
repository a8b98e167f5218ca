"""The registry over HTTP: signed requests, bounded waits, and failures that say whether to try again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from pydantic import ValidationError

from domain.card_number import CardNumber
from domain.errors import ProjectError
from domain.ids import KioskId, OrderId, SubmissionId
from domain.messages import routes
from domain.messages.area_gallery import AREA_GALLERY, AreaGalleryPage, AreaGalleryRequest
from domain.messages.card_channels import CARD_CHANNEL, CardChannelAnswer, CardChannelRequest
from domain.messages.card_services import (
    HolderSearch,
    HolderSearchAnswer,
    OfficeStatements,
    ShareRequest,
    StatementOffer,
)
from domain.messages.cards import (
    ActivationGrant,
    ActivationProof,
    ActivationRequest,
    CardOrderRequest,
    CardPackage,
    CardState,
)
from domain.messages.enrolment import EnrolmentState
from domain.messages.kiosks import KioskRegistration, KioskRegistrationAnswer, SignedBundle
from domain.messages.officer_quota import QUOTA_GRANTS, QuotaAnswer, QuotaRequest
from domain.messages.revocations import REVOCATIONS, RevocationUpdate
from domain.messages.signing import (
    CODE_REPLAYED,
    CODE_WRONG_TIME,
    COVERED_COMPONENTS,
    NONCE_BYTES,
    SIGNATURE_LABEL,
    SIGNATURE_TAG,
)
from domain.messages.sync import ErrorBody, PullAnswer, PushRequest, SignedPushReceipt
from domain.record import Record

#: Connecting fails fast, so that an absent network is shown at once; answers may take longer.
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
#: Ordering a card signs on a hardware module and builds all its files.
_ORDER_TIMEOUT = httpx.Timeout(30.0, connect=3.0)
MAX_ANSWER_BYTES = 16 * 1024 * 1024
_JSON = {"content-type": "application/json", "accept": "application/json"}
_OUT_OF_ORDER_CODES = frozenset({CODE_WRONG_TIME, CODE_REPLAYED})

Answered = TypeVar("Answered", bound=Record)


class RegistryUnreachable(ProjectError):
    """No answer came. What the registry did is unknown; the same message may be sent again."""

    code = "registry.unreachable"
    message_key = "registry.unreachable"


class RegistryOutOfOrder(ProjectError):
    """Something answered, and not as the registry answers (an error of its own, a portal's page, a wrong clock)."""

    code = "registry.out_of_order"
    message_key = "registry.out_of_order"


class RegistryRefused(ProjectError):
    """The registry said no, with a code; sending the same again brings the same answer."""

    code = "registry.refused"
    message_key = "registry.refused"

    def __init__(self, refused_code: str, status: int, params: Mapping[str, str | int] | None = None) -> None:
        super().__init__(f"refused: {refused_code}", **{**(params or {}), "code": refused_code})
        self.refused_code = refused_code
        self.status = status


class _OneKey(HTTPSignatureKeyResolver):
    """What the signature library asks a key of."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        del key_id  # there is one
        return self._key


class RequestSigner:
    """Signs requests as domain/messages/signing.py says."""

    def __init__(self, kiosk_id: KioskId, key: Ed25519PrivateKey, now: Callable[[], datetime]) -> None:
        self._kiosk_id = kiosk_id
        self._now = now
        self._signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_OneKey(key))

    def sign(self, request: httpx.Request) -> None:
        """Adds Content-Digest, Signature-Input and Signature."""
        self._signer.sign(
            request,
            key_id=self._kiosk_id,
            created=self._now(),
            nonce=secrets.token_hex(NONCE_BYTES),
            label=SIGNATURE_LABEL,
            tag=SIGNATURE_TAG,
            include_alg=True,
            covered_component_ids=COVERED_COMPONENTS,
            body=request.content,
        )


class RegistryClient:
    """One method a message. Each raises RegistryUnreachable, RegistryOutOfOrder or RegistryRefused."""

    def __init__(
        self,
        base_url: str,
        signer: RequestSigner | None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._signer = signer
        self._http = httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT, transport=transport, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def join(self, registration: KioskRegistration) -> KioskRegistrationAnswer:
        return await self._post(routes.KIOSK_REGISTRATION, registration, KioskRegistrationAnswer)

    async def bundle(self) -> SignedBundle:
        return await self._get(routes.BUNDLE, SignedBundle)

    async def revocations(self, held: tuple[int, bytes] | None) -> RevocationUpdate:
        """What leads from the list held (number, fingerprint) to the newest; the whole list for None."""
        query = None if held is None else {"after": str(held[0]), "fingerprint": held[1].hex()}
        return await self._get(REVOCATIONS, RevocationUpdate, query)

    async def area_gallery(self, request: AreaGalleryRequest) -> AreaGalleryPage:
        """Sealed to the request's own key."""
        return await self._post(AREA_GALLERY, request, AreaGalleryPage, timeout=_ORDER_TIMEOUT)

    async def push(self, request: PushRequest) -> SignedPushReceipt:
        return await self._post(routes.SYNC_PUSH, request, SignedPushReceipt)

    async def pull(self, *, after: int) -> PullAnswer:
        return await self._get(routes.SYNC_PULL, PullAnswer, {"after": str(after)})

    async def enrolment(self, submission_id: SubmissionId) -> EnrolmentState:
        return await self._get(routes.ENROLMENT.format(submission_id=submission_id), EnrolmentState)

    async def order_card(self, order: CardOrderRequest) -> CardPackage:
        return await self._post(routes.CARD_ORDERS, order, CardPackage, timeout=_ORDER_TIMEOUT)

    async def open_card_channel(self, order_id: OrderId, request: CardChannelRequest) -> CardChannelAnswer:
        return await self._post(CARD_CHANNEL.format(order_id=order_id), request, CardChannelAnswer)

    async def grant_quota(self, request: QuotaRequest) -> QuotaAnswer:
        return await self._post(QUOTA_GRANTS, request, QuotaAnswer, timeout=_ORDER_TIMEOUT)

    async def activate_card(self, request: ActivationRequest) -> ActivationGrant:
        return await self._post(routes.CARD_ACTIVATIONS, request, ActivationGrant, timeout=_ORDER_TIMEOUT)

    async def prove_activation(self, proof: ActivationProof) -> CardState:
        return await self._post(routes.CARD_ACTIVATION_PROOFS, proof, CardState)

    async def card(self, card_number: CardNumber) -> CardState:
        return await self._get(routes.CARD.format(card_number=card_number), CardState)

    async def search_holder(self, search: HolderSearch) -> HolderSearchAnswer:
        return await self._post(routes.HOLDER_SEARCH, search, HolderSearchAnswer, timeout=_ORDER_TIMEOUT)

    async def share_card(self, request: ShareRequest) -> StatementOffer:
        return await self._post(routes.CARD_SHARES, request, StatementOffer, timeout=_ORDER_TIMEOUT)

    async def statement(self, card_number: CardNumber, *, held: int) -> StatementOffer:
        path = routes.CARD_STATEMENT.format(card_number=card_number)
        return await self._get(path, StatementOffer, {"held": str(held)})

    async def office_statements(self, *, after: int) -> OfficeStatements:
        return await self._get(routes.OFFICE_STATEMENTS, OfficeStatements, {"after": str(after)})

    async def is_there(self) -> bool:
        """Whether the registry answers now."""
        try:
            answer = await self._http.get(routes.HEALTH)
        except httpx.HTTPError:
            return False
        return answer.status_code == HTTPStatus.OK

    async def _get(self, path: str, answered: type[Answered], query: Mapping[str, str] | None = None) -> Answered:
        request = self._http.build_request("GET", path, params=query, headers=_JSON)
        return await self._exchange(request, answered)

    async def _post(
        self, path: str, message: Record, answered: type[Answered], *, timeout: httpx.Timeout | None = None
    ) -> Answered:
        body = message.model_dump_json().encode()
        request = self._http.build_request("POST", path, content=body, headers=_JSON, timeout=timeout or _TIMEOUT)
        return await self._exchange(request, answered)

    async def _exchange(self, request: httpx.Request, answered: type[Answered]) -> Answered:
        if self._signer is not None:
            self._signer.sign(request)
        try:
            response = await self._http.send(request)
        except httpx.HTTPError as error:
            raise RegistryUnreachable("no answer from the registry") from error
        if not response.is_success:
            raise _failure_of(response)
        if len(response.content) > MAX_ANSWER_BYTES:
            raise RegistryOutOfOrder("the answer is too large")
        try:
            return answered.model_validate_json(response.content)
        except ValidationError:
            # A portal's page with status 200, or a registry of another version. Its text may hold people's data, so
            # the validation error, which quotes it, ends here.
            raise RegistryOutOfOrder("the answer is not the message expected") from None


def _failure_of(response: httpx.Response) -> ProjectError:
    try:
        body = ErrorBody.model_validate_json(response.content)
    except ValidationError:
        return RegistryOutOfOrder(f"status {response.status_code} without a reason")
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR and response.status_code != HTTPStatus.NOT_IMPLEMENTED:
        return RegistryOutOfOrder(f"status {response.status_code}")
    if body.code in _OUT_OF_ORDER_CODES:
        return RegistryOutOfOrder(body.code, **body.params)
    return RegistryRefused(body.code, response.status_code, body.params)
