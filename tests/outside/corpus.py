"""What the registry signs: households of every size, an officer, and keys renewed and rotated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from card_service.authority import Authority, AuthorityState, Certificates
from card_service.card_order import CardMember, CardOrder, ChipKeys
from card_service.country_certificates import issue_country_root, issue_document_signer
from card_service.cv_certificate import CvCertificate, CvRole, sign_cv_certificate
from card_service.ecdsa_raw import encode_point
from card_service.issuer import CardIssuer, IssuedCard, SigningAlarm, SigningPolicy
from card_service.layout import EF_SOD, MAX_MEMBERS, TerminalRights
from card_service.signing import KeyRole
from domain.card_number import make_card_number
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, OrderId, PersonId
from domain.people import BirthDate, PersonName, Relationship, Sex
from tests.unit.card_service_issuer.authority import (
    ALL_RIGHTS,
    NOW,
    TODAY,
    MemorySigner,
    memory_authority,
    new_signer,
)
from tests.unit.card_service_issuer.samples import make_jpeg

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Specimen:
    """One signed card: its EF.SOD and paper twin, and what outsiders need to believe them."""

    name: str
    card: IssuedCard
    root_der: bytes
    signed_at: datetime
    entitlement_point: bytes

    @property
    def sod(self) -> bytes:
        return self.card.files[EF_SOD.key]


@dataclass(frozen=True)
class CvChain:
    """Certificates from one below the trust point to the last, the trust point apart."""

    name: str
    trust_point: CvCertificate
    certificates: tuple[CvCertificate, ...]


class _NothingSigned:
    def has_signed(self, order_id: OrderId) -> bool:
        return False

    def count_signed_since(self, moment: datetime) -> int:
        return 0


_ALARMS: list[SigningAlarm] = []
POLICY = SigningPolicy(_NothingSigned(), _ALARMS.append)


def chip_keys() -> ChipKeys:
    """The points of two fresh keys, as a chip would give them."""
    points = (encode_point(ec.generate_private_key(ec.SECP256R1()).public_key()) for _ in range(2))
    return ChipKeys(*points)


def make_order(members: int, profile: CardProfile = CardProfile.HOUSEHOLD, at: datetime = NOW) -> CardOrder:
    """An approved order for a card with that many members; every second one without fingers."""
    return CardOrder(
        order_id=OrderId(f"order-{profile}-{members}"),
        card_number=make_card_number(bytes((members, 2, 3, 4, len(profile)))),
        can="736251",
        profile=profile,
        household_id=HouseholdId(f"H-{members}"),
        issue_number=1,
        members=tuple(_member(index) for index in range(1, members + 1)),
        chip=chip_keys(),
        ordered_at=at,
        valid_until=at.date().replace(year=at.year + 5),
        no_portrait_jpeg=make_jpeg(),
    )


def _member(index: int) -> CardMember:
    has_fingers = index % 2 == 1
    return CardMember(
        person_id=PersonId(f"P-{index}"),
        name=PersonName(latin=f"Asha Devi {'ABCDEFGHI'[index]}", local="आशा देवी"),
        born=BirthDate(on=date(1970 + index, 6, 7)),
        sex=tuple(Sex)[index % len(Sex)],
        role=Relationship.HEAD if index == 1 else Relationship.CHILD,
        fingers=(FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX) if has_fingers else (),
        finger_record=b"FMR\x00" + bytes(index) if has_fingers else None,
        portrait_jpeg=make_jpeg(16) if index % 3 else None,
    )


@cache
def the_authority() -> Authority:
    """The first authority of the corpus."""
    authority, _ = memory_authority()
    return authority


@cache
def specimens() -> tuple[Specimen, ...]:
    """Households of 1 to 8, an officer, the same household under a renewed signer and under a rotated root."""
    first = the_authority()
    made = [_issue(f"household of {size}", first, make_order(size)) for size in range(1, MAX_MEMBERS + 1)]
    made.append(_issue("officer", first, make_order(1, CardProfile.OPERATOR)))
    made.append(_issue("renewed signer", _with_renewed_signer(first), make_order(2)))
    rotated, _ = memory_authority()
    made.append(_issue("rotated root", rotated, make_order(3)))
    return tuple(made)


def _issue(name: str, authority: Authority, order: CardOrder) -> Specimen:
    card = CardIssuer(authority).build_card(order, POLICY)
    point = authority.entitlement_signer.public_point
    return Specimen(name, card, authority.certificates.csca_der, order.ordered_at, point)


@dataclass(frozen=True)
class _RenewedKeys:
    """A key store whose second document signer is this key."""

    older: object
    signer_of_documents: MemorySigner

    def signer(self, role: KeyRole, generation: int = 1) -> MemorySigner:
        if role is KeyRole.DOCUMENT_SIGNER:
            return self.signer_of_documents
        return self.older.signer(role)  # type: ignore[attr-defined, no-any-return]

    @property
    def receipt_key(self) -> bytes:
        return self.older.receipt_key  # type: ignore[attr-defined, no-any-return]

    def sign_receipt(self, message: bytes) -> bytes:
        return self.older.sign_receipt(message)  # type: ignore[attr-defined, no-any-return]


def _with_renewed_signer(authority: Authority) -> Authority:
    key, root = new_signer(), authority.keys.signer(KeyRole.COUNTRY_SIGNER)
    certificate = issue_document_signer(
        authority.certificates.csca_der,
        root,
        key.public_point,
        state=authority.issuing_state,
        serial=bytes(range(32, 48)),
        valid_from=TODAY,
    )
    keys = _RenewedKeys(authority.keys, MemorySigner(key.private_key, certificate))
    state = AuthorityState(generation=2, renewed_on=TODAY, crl_number=2, issuing_state=authority.issuing_state)
    old = authority.certificates
    return Authority(keys, state, Certificates(old.csca_der, certificate, old.cvca, old.dv))


@cache
def foreign_root_der() -> bytes:
    """The root of somebody else."""
    return issue_country_root(new_signer(), state=the_authority().issuing_state, serial=bytes(16), valid_from=TODAY)


def _clock_today() -> date:
    return datetime.now(UTC).date()


@cache
def cv_chains() -> tuple[CvChain, ...]:
    """A kiosk's chain; one without rights; one over a link certificate of a rotated root. Valid today by the clock:

    cvc-print compares with it and can be told no other day.
    """
    authority, _ = memory_authority(_clock_today())
    certificates = authority.certificates
    dv_key = authority.keys.signer(KeyRole.DOCUMENT_VERIFIER)
    kiosk = _cv(certificates.dv, dv_key, "UTKIOSK00001", CvRole.TERMINAL, ALL_RIGHTS)
    bare = _cv(certificates.dv, dv_key, "UTKIOSK00002", CvRole.TERMINAL, TerminalRights.NONE)
    root_key, new_root, new_dv = authority.keys.signer(KeyRole.COUNTRY_VERIFIER), new_signer(), new_signer()
    link = _cv(certificates.cvca, root_key, "UTSWCVCA00002", CvRole.COUNTRY_VERIFIER, TerminalRights.NONE, new_root)
    dv = _cv(link, new_root, "UTSWDV00002", CvRole.DOCUMENT_VERIFIER, ALL_RIGHTS, new_dv)
    linked = _cv(dv, new_dv, "UTKIOSK00003", CvRole.TERMINAL, TerminalRights.DELIVER)
    return (
        CvChain("kiosk", certificates.cvca, (certificates.dv, kiosk)),
        CvChain("without rights", certificates.cvca, (certificates.dv, bare)),
        CvChain("over a link certificate", certificates.cvca, (link, dv, linked)),
    )


def _cv(
    issuer: CvCertificate,
    issuer_key: object,
    holder: str,
    role: CvRole,
    rights: TerminalRights,
    key: MemorySigner | None = None,
) -> CvCertificate:
    return sign_cv_certificate(
        authority_reference=issuer.holder_reference,
        holder_reference=holder,
        role=role,
        public_point=(key or new_signer()).public_point,
        effective_on=_clock_today(),
        expires_on=_clock_today() + 30 * DAY,
        rights=rights,
        signer=issuer_key,  # type: ignore[arg-type]
    )
