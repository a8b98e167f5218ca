"""The catalogue finds a verifier that leaves one check out: each planted here, and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from card_service import authentic_card, cose, document_signer, secure_messaging, security_object, verification
from card_service.document_signer import BelievedSigner
from card_service.layout import EF_COM
from card_service.security_object import SodContent
from card_service.session import CardSession
from domain.verification import Verdict
from tests.attacks import files_of_cards, rules_broken, signers, standing
from tests.attacks.country import genuine_card
from tests.attacks.defect_cards import Defect, verdict_of

Plant = Callable[[pytest.MonkeyPatch], None]


def skips_chip_authentication(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CardSession, "prove_chip", lambda *_: None)


def compares_no_hash(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(authentic_card, "_checked", lambda content, _: content or b"")


def trusts_ef_com(patch: pytest.MonkeyPatch) -> None:
    """Proves the chip only if EF.COM lists DG14."""
    plain = CardSession.prove_chip

    def prove(session: CardSession, point: bytes, reference: int) -> None:
        content = session.find(EF_COM) or b""
        if 0x6E in content[content.find(b"\x5c") + 2 :]:
            plain(session, point, reference)

    patch.setattr(CardSession, "prove_chip", prove)


def believes_every_certificate(patch: pytest.MonkeyPatch) -> None:
    def believe(certificate_der: bytes, *_: object, **__: object) -> BelievedSigner:
        certificate = document_signer._load(certificate_der)
        return BelievedSigner(document_signer._point(certificate), certificate.serial_number)

    patch.setattr(security_object, "check_document_signer", believe)


def believes_every_security_object(patch: pytest.MonkeyPatch) -> None:
    plain = security_object._take_apart

    def believe(sod: bytes, *_: object, **__: object) -> SodContent:
        parts = plain(sod)
        return SodContent(security_object._decode_content(parts.content), 1, parts.signed_at.date())

    patch.setattr(authentic_card, "verify_sod", believe)


def checks_no_mac(patch: pytest.MonkeyPatch) -> None:
    class Careless:
        @staticmethod
        def compare_digest(_: bytes, __: bytes) -> bool:
            return True

    patch.setattr(secure_messaging, "hmac", Careless)


def checks_no_statement(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cose, "is_signed_by", lambda *_: True)


def ignores_the_list(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(verification.RevokedCards, "is_revoked", lambda *_: False)


@dataclass(frozen=True)
class Planted:
    """A bug, and the part of the catalogue that must notice it."""

    plant: Plant
    room: Sequence[Defect]


BUGS = (
    Planted(skips_chip_authentication, files_of_cards.COPIES),
    Planted(trusts_ef_com, files_of_cards.COPIES),
    Planted(compares_no_hash, files_of_cards.SWAPPED),
    Planted(believes_every_certificate, signers.SIGNERS),
    Planted(believes_every_security_object, signers.SIGNERS[:4]),
    Planted(checks_no_mac, rules_broken.MESSAGING),
    Planted(checks_no_statement, standing.STATEMENTS),
    Planted(ignores_the_list, standing.STANDING[:1]),
)


@pytest.fixture(scope="module", autouse=True)
def _cards() -> None:
    """The genuine cards are issued before anything is planted."""
    for index in (0, 1):
        genuine_card(index)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.plant.__name__)
def test_the_catalogue_finds_a_verifier_that(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched: the bug is the point, and it must not be in the product to be found.
    bug.plant(monkeypatch)
    outcomes = {defect: verdict_of(defect) for defect in bug.room}
    accepted = [defect.name for defect, outcome in outcomes.items() if outcome.verdict is Verdict.VERIFIED]
    print(f"\n{bug.plant.__name__}: {len(accepted)} of {len(bug.room)} defect cards verified")  # noqa: T201
    assert accepted, "the planted bug was not noticed"
