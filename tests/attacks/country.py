"""The country under attack: its keys, its registry, and as many genuine cards as an attacker can collect."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

from card_service.activation import write_activation
from card_service.country_certificates import IssuingState, issue_country_root, issue_document_signer
from card_service.data_groups import Dg2, Dg11, decode_dg1, encode_dg2, encode_dg11
from card_service.der import spki_from_point
from card_service.layout import DATA_GROUPS, DG1, DG2, DG11, EF_SOD
from card_service.personalisation import PersonalisationData, lock_card, prepare_chip, write_card
from card_service.security_object import build_sod
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.people import BirthDate, Sex
from domain.verification import VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_issuer.samples import make_jpeg
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY, Registry, SoftDocumentSigner, SoftKey, make_registry

SIGNED_AT = datetime(2026, 3, 9, 9, tzinfo=UTC)
STARTED = date(2026, 1, 1)
SIGNER_SERIAL = bytes(15) + b"\x02"


@dataclass(frozen=True)
class Country:
    """One State's root and registry."""

    root: SoftKey
    root_der: bytes
    registry: Registry

    @property
    def anchors(self) -> TrustAnchors:
        """What its terminals trust."""
        return self.registry.anchors

    @property
    def signer(self) -> SoftDocumentSigner:
        """The document signer in office."""
        return self.registry.document_signer


@dataclass(frozen=True)
class GenuineCard:
    """One issued and activated card: everything in the chip's memory, and what was written there."""

    segments: dict[str, bytes]
    data: PersonalisationData
    number: CardNumber

    def chip(self) -> VirtualCard:
        """The chip itself, as often as it is put on a reader."""
        return VirtualCard(dict(self.segments), None)

    @property
    def sod(self) -> bytes:
        return self.data.files[EF_SOD.key]


def found_country(state: IssuingState | None = None) -> Country:
    """A country with fresh keys throughout."""
    state = state or IssuingState()
    root, signer, entitlement = SoftKey(), SoftDocumentSigner(), SoftKey()
    root_der = issue_country_root(root, state=state, serial=bytes(15) + b"\x01", valid_from=STARTED)
    signer.certificate_der = issue_document_signer(
        root_der, root, signer.public_point, state=state, serial=SIGNER_SERIAL, valid_from=STARTED
    )
    model = make_registry()
    anchors = TrustAnchors(
        csca_certificates_der=(root_der,),
        revoked_signers=frozenset(),
        crl_number=1,
        entitlement_signers_spki_der=(spki_from_point(entitlement.public_point),),
        cvca_certificates=model.anchors.cvca_certificates,
    )
    # The terminals' authority is that of the model: its certificates name its keys.
    return Country(root, root_der, Registry(signer, entitlement, model.cvca, model.dv, anchors))


@cache
def home() -> Country:
    """The country whose terminals the attacks are on."""
    return found_country()


@cache
def abroad() -> Country:
    """Another country, with the same names in its certificates."""
    return found_country()


@cache
def kiosk() -> TerminalCredential:
    """The credential of the desk that issues."""
    return home().registry.credential()


def genuine_card(index: int = 0, profile: CardProfile = CardProfile.HOUSEHOLD) -> GenuineCard:
    """Card ``index`` of the country: each household has another name and another picture. Issued once."""
    return _issue(index, profile)


@cache
def _issue(index: int, profile: CardProfile) -> GenuineCard:
    chip = VirtualCard.blank(serial=bytes(6) + bytes((profile is CardProfile.OPERATOR, index)))
    reader = SimulatedReader(chip)
    data = package(home(), reader, index, profile)
    write_card(reader, data)
    lock_card(reader, data)
    number = number_of(data)
    slot = home().registry.slot(number)
    write_activation(reader, home().anchors, kiosk(), slot, on=TODAY, verified_by=VerifiedBy.FINGER)
    return GenuineCard(dict(chip._memory.snapshot()), data, number)


def package(country: Country, reader: SimulatedReader, index: int, profile: CardProfile) -> PersonalisationData:
    """The files of that card, signed by that country."""
    data = country.registry.package(prepare_chip(reader), profile=profile)
    born = BirthDate(on=date(1970 + index % 30, 4, 5))
    files = dict(data.files)
    files[DG2.key] = encode_dg2(Dg2(make_jpeg(24, f"#{index * 5 % 256:02x}{index * 3 % 256:02x}40"), Sex.FEMALE))
    files[DG11.key] = encode_dg11(Dg11(f"आशा देवी {index}", f"Asha Devi {index}", born))
    files[EF_SOD.key] = build_sod(hashes_of(files), country.signer, signed_at=SIGNED_AT)
    return replace(data, files=files)


def hashes_of(files: dict[tuple[int, int], bytes]) -> dict[int, bytes]:
    """SHA-256 of each data group among these files."""
    return {n: hashlib.sha256(files[f.key]).digest() for n, f in DATA_GROUPS.items() if f.key in files}


def number_of(data: PersonalisationData) -> CardNumber:
    """The card number that stands in DG1."""

    return decode_dg1(data.files[DG1.key]).card_number


@contextmanager
def on_reader(card: VirtualCard) -> Iterator[SimulatedReader]:
    """The card, powered for the time being."""
    reader = SimulatedReader(card)
    try:
        yield reader
    finally:
        reader.close()
