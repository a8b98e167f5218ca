"""A registry of a few lines behind the kiosk's own HTTP client: takes events, makes cards, and can be away or ill."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from card_service.layout import Directory
from card_service.personalisation import ChipKeys, PersonalisationData
from domain.card_number import CardNumber
from domain.cards import CardProfile, CardStatus
from domain.events import SignedEvent
from domain.messages.card_channels import CardChannelRequest
from domain.messages.card_services import (
    HPKE_INFO_HOLDER_SEARCH,
    HolderFound,
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
    CardFile,
    CardOrderRequest,
    CardPackage,
    CardState,
    FacePrint,
)
from domain.messages.enrolment import (
    HPKE_INFO_ENROLMENT,
    DuplicateCandidate,
    DuplicateDecided,
    EnrolmentState,
    EnrolmentStatus,
    EnrolmentSubmission,
    SealedEnrolment,
)
from domain.messages.officer_quota import QUOTA_GRANTS
from domain.messages.revocations import REVOCATIONS, RevocationUpdate
from domain.messages.sync import (
    Change,
    ErrorBody,
    EventAnswer,
    EventVerdict,
    PullAnswer,
    PushReceipt,
    PushRequest,
    SignedPushReceipt,
)
from domain.record import Record
from tests.flows.paper_stock import PaperOffice, PaperRefused
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import TODAY
from tests.unit.kiosk_core.kiosk_home import A_DAY, REGISTRY_KEY


class PaperRegistry:
    """``is_away`` loses every request; ``spoil`` may replace any answer."""

    def __init__(self, enrolment_key: X25519PrivateKey) -> None:
        self._enrolment_key = enrolment_key
        self.is_away = False
        self.spoil: Callable[[httpx.Request, httpx.Response], httpx.Response] = lambda _, answer: answer
        self.events: dict[str, SignedEvent] = {}
        self.submissions: dict[str, EnrolmentSubmission] = {}
        self.candidates: dict[str, DuplicateCandidate] = {}
        self.orders: dict[str, tuple[CardOrderRequest, CardPackage]] = {}
        self.activations: list[ActivationRequest] = []
        self.active: set[str] = set()
        self.people: tuple[HolderFound, ...] = ()
        self.searches: list[HolderSearch] = []
        self.shares: list[ShareRequest] = []
        self.status_of_found = CardStatus.ACTIVE
        self.office = PaperOffice()
        #: What the feed says.
        self.changes: list[Change] = []
        self.quota_office: Callable[[bytes], Record] | None = None

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("no network", request=request)
        assert request.headers["signature-input"].startswith("kiosk=")
        try:
            answer = self._route(request)
        except PaperRefused as refused:
            problem = ErrorBody(title="refused", status=refused.status, code=refused.code)
            return httpx.Response(refused.status, content=problem.model_dump_json().encode(), request=request)
        response = httpx.Response(200, content=answer.model_dump_json().encode(), request=request)
        return self.spoil(request, response)

    def _route(self, request: httpx.Request) -> Record:
        path, body = request.url.path, request.content
        if path == "/v1/sync/push":
            return self._push(PushRequest.model_validate_json(body))
        if path == "/v1/sync/pull":
            after = int(request.url.params["after"])
            news = tuple(each for each in self.changes if each.cursor > after)
            return PullAnswer(changes=news, cursor=news[-1].cursor if news else after)
        if path.startswith("/v1/enrolments/"):
            return self._enrolment(path.rsplit("/", 1)[1])
        if path.startswith("/v1/card-orders/"):
            return self.office.open_channel(path.split("/")[3], CardChannelRequest.model_validate_json(body))
        if path == QUOTA_GRANTS and self.quota_office is not None:
            return self.quota_office(body)
        if path == "/v1/cards/orders":
            return self._order(CardOrderRequest.model_validate_json(body))
        if path == "/v1/cards/activations":
            return self._activate(ActivationRequest.model_validate_json(body))
        if path == "/v1/cards/activation-proofs":
            proof = ActivationProof.model_validate_json(body)
            self.active.add(proof.card_number)
            return CardState(card_number=proof.card_number, status=CardStatus.ACTIVE, profile=CardProfile.HOUSEHOLD)
        if path == REVOCATIONS:
            # Not signed by anybody: the desk keeps the list it holds.
            return RevocationUpdate(head_cose=b"", content=())
        if path == "/v1/cards/holder-search":
            return self._search(HolderSearch.model_validate_json(body))
        if path == "/v1/cards/shares":
            self.shares.append(ShareRequest.model_validate_json(body))
            number = self.shares[-1].card_number
            return StatementOffer(card_number=number, version=2, slot=desk.REGISTRY.slot(number, version=2))
        if path == "/v1/cards/statements":
            return OfficeStatements(offers=(), cursor=int(request.url.params["after"]))
        if path.endswith("/statement"):
            number = CardNumber(path.split("/")[-2])
            return StatementOffer(card_number=number, version=1, slot=None)
        if path.startswith("/v1/cards/"):
            number = CardNumber(path.rsplit("/", 1)[1])
            return CardState(card_number=number, status=self.status_of_found, profile=CardProfile.HOUSEHOLD)
        raise AssertionError(path)

    def _search(self, search: HolderSearch) -> HolderSearchAnswer:
        self.searches.append(search)
        if search.sealed_finger is not None:
            suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
            info = HPKE_INFO_HOLDER_SEARCH + search.search_id.encode()
            finger = suite.decrypt(search.sealed_finger, self._enrolment_key, info)
            return HolderSearchAnswer(found=self.people if b"holder" in finger else ())
        return HolderSearchAnswer(found=self.people)

    def _push(self, push: PushRequest) -> SignedPushReceipt:
        receipt = PushReceipt(
            kiosk_id=push.kiosk_id, received_at=A_DAY, answers=tuple(self._take(event) for event in push.events)
        )
        text = receipt.model_dump_json()
        return SignedPushReceipt(receipt_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())

    def _take(self, event: SignedEvent) -> EventAnswer:
        body = event.body
        verdict = EventVerdict.DUPLICATE if body.id in self.events else EventVerdict.ACCEPTED
        self.events.setdefault(body.id, event)
        payload = json.dumps(body.payload)
        if body.kind == "enrolment.submitted" and verdict is EventVerdict.ACCEPTED:
            self._open(SealedEnrolment.model_validate_json(payload))
        if body.kind == "duplicate.decided":
            decided = DuplicateDecided.model_validate_json(payload)
            known = self.candidates[decided.submission_id]
            self.candidates[decided.submission_id] = known.model_copy(update={"decision": decided.decision})
        return EventAnswer(event_id=body.id, content_sha256=body.hash_hex(), verdict=verdict)

    def _open(self, sealed: SealedEnrolment) -> None:
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
        info = HPKE_INFO_ENROLMENT + sealed.submission_id.encode()
        plain = suite.decrypt(sealed.sealed, self._enrolment_key, info)
        self.submissions[sealed.submission_id] = EnrolmentSubmission.model_validate_json(plain)

    def _enrolment(self, submission_id: str) -> EnrolmentState:
        submission = self.submissions.get(submission_id)
        candidate = self.candidates.get(submission_id)
        status = EnrolmentStatus.UNKNOWN if submission is None else EnrolmentStatus.REGISTERED
        if candidate is not None and candidate.decision is None:
            status = EnrolmentStatus.REVIEW
        return EnrolmentState.model_validate(
            {
                "submission_id": submission_id,
                "status": status,
                "household_id": None if submission is None else submission.household.id,
                "candidates": () if candidate is None else (candidate,),
            }
        )

    def _order(self, order: CardOrderRequest) -> CardPackage:
        if order.order_id not in self.orders:
            keys = ChipKeys(bytes.fromhex(order.chip_serial_hex), order.chip_authentication_key, order.receipt_key)
            data = desk.REGISTRY.package(keys, profile=order.profile)
            self.orders[order.order_id] = (order, _package(order, data))
        return self.orders[order.order_id][1]

    def _activate(self, request: ActivationRequest) -> ActivationGrant:
        self.activations.append(request)
        return ActivationGrant(
            order_id=request.order_id,
            card_number=request.card_number,
            entitlement_slot=desk.REGISTRY.slot(request.card_number),
        )


def _package(order: CardOrderRequest, data: PersonalisationData) -> CardPackage:
    number = _number_of(data)
    files = tuple(
        CardFile(application_hex=(Directory(directory).aid or b"").hex().upper(), file_id=fid, content=content)
        for (directory, fid), content in data.files.items()
    )
    face = FacePrint(
        card_number=number,
        can=data.can,
        names=("Asha Devi",),
        portrait=b"\xff\xd8 portrait",
        valid_until=TODAY,
        issuing_area={"en": "Utopia"},
        member_count=3,
        profile=order.profile,
        qr_text="",
    )
    return CardPackage(
        order_id=order.order_id,
        card_number=number,
        can=data.can,
        files=files,
        cvca_certificates=data.cvca_points,
        chip_date=data.chip_date,
        face=face,
    )


def _number_of(data: PersonalisationData) -> CardNumber:
    from card_service.data_groups import decode_dg1
    from card_service.layout import DG1

    return decode_dg1(data.files[DG1.key]).card_number
