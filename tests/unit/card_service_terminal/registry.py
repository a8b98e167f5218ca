"""A registry in one object: signs what cards are made of, with keys that live for one test run."""

from __future__ import annotations

import hashlib
import io
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from card_service.country_certificates import IssuingState, issue_country_root, issue_document_signer
from card_service.curves import curve_of_point
from card_service.cv_certificate import CvRole, encode_cv_certificate, sign_cv_certificate
from card_service.data_groups import (
    Dg1,
    Dg2,
    Dg11,
    Dg14,
    Dg15,
    EfCom,
    MemberRow,
    MemberTable,
    SpAnchor,
    encode_dg1,
    encode_dg2,
    encode_dg11,
    encode_dg13,
    encode_dg14,
    encode_dg15,
    encode_ef_com,
    encode_member_table,
)
from card_service.der import spki_from_point
from card_service.ecdsa_raw import encode_point, sign_raw
from card_service.entitlement_statement import (
    EntitlementStatement,
    RenewedTemplates,
    StatementLine,
    sign_statement,
    wrap_statement,
)
from card_service.layout import (
    DATA_GROUPS,
    DG1,
    DG2,
    DG11,
    DG13,
    DG14,
    DG15,
    EF_COM,
    EF_SOD,
    MEMBERS,
    TerminalRights,
    photo_file,
    template_file,
)
from card_service.personalisation import ChipKeys, FileKey, PersonalisationData
from card_service.security_object import build_sod
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber, make_card_number
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, PersonId, ProgrammeCode
from domain.people import BirthDate, Relationship, Sex

TODAY = date(2026, 3, 10)
CAN = "482913"
RICE, FEES = 7, 12
MARCH = 202603
CVCA_REFERENCE, NEWER_CVCA_REFERENCE, DV_REFERENCE = "UTSWCVCA00001", "UTSWCVCA00002", "UTSWDV00001"
KIOSK_RIGHTS = (
    TerminalRights.READ_BIO
    | TerminalRights.DELIVER
    | TerminalRights.UPDATE
    | TerminalRights.ENROL
    | TerminalRights.COUNTERSIGN
    | TerminalRights.UNBLOCK
)


class SoftKey:
    """A P-256 key in memory: stands for one behind PKCS#11."""

    def __init__(self) -> None:
        self.private_key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_point(self) -> bytes:
        return encode_point(self.private_key.public_key())

    def sign(self, data: bytes) -> bytes:
        return sign_raw(self.private_key, data)


class SoftDocumentSigner(SoftKey):
    certificate_der: bytes


@dataclass(frozen=True)
class Registry:
    """Signs cards, statements and terminal certificates."""

    document_signer: SoftDocumentSigner
    entitlement_signer: SoftKey
    cvca: SoftKey
    dv: SoftKey
    anchors: TrustAnchors

    def credential(
        self,
        rights: TerminalRights = KIOSK_RIGHTS,
        reference: str = "UTKIOSK00001",
        days: int = 20,
        starts: date = TODAY,
    ) -> TerminalCredential:
        """A kiosk's certificates and key."""
        key = SoftKey()
        dv = self._certificate(self.cvca, CVCA_REFERENCE, DV_REFERENCE, CvRole.DOCUMENT_VERIFIER, self.dv, 80)
        terminal = self._certificate(self.dv, DV_REFERENCE, reference, CvRole.TERMINAL, key, days, rights, starts)
        return TerminalCredential((dv, terminal), key.private_key)

    def renewed_credential(self, reference: str = "UTKIOSK00003") -> TerminalCredential:
        """A kiosk under a newer root, with the link from the root that cards know."""
        newer, dv, key = SoftKey(), SoftKey(), SoftKey()
        everyone = CvRole.COUNTRY_VERIFIER
        link = self._certificate(self.cvca, CVCA_REFERENCE, NEWER_CVCA_REFERENCE, everyone, newer, 700)
        under = self._certificate(newer, NEWER_CVCA_REFERENCE, DV_REFERENCE, CvRole.DOCUMENT_VERIFIER, dv, 80)
        terminal = self._certificate(dv, DV_REFERENCE, reference, CvRole.TERMINAL, key, 20, KIOSK_RIGHTS)
        return TerminalCredential((under, terminal), key.private_key, (link,))

    def slot(
        self,
        card_number: CardNumber,
        *,
        version: int = 1,
        limit: int = 35,
        days: int = 90,
        more_lines: int = 0,
        renewed: tuple[RenewedTemplates, ...] = (),
    ) -> bytes:
        """A statement with two lines, or more, wrapped for the card."""
        lines: tuple[StatementLine, ...] = (_line(RICE, "RICE", limit, "kg"), _line(FEES, "FEES", 2, "voucher"))
        lines += tuple(_line(100 + number, f"MORE{number}", 1, "course") for number in range(more_lines))
        statement = EntitlementStatement(card_number, version, TODAY, TODAY + timedelta(days=days), lines, renewed)
        return wrap_statement(statement, sign_statement(statement, self.entitlement_signer))

    def package(
        self, keys: ChipKeys, *, profile: CardProfile = CardProfile.HOUSEHOLD, years: int = 5
    ) -> PersonalisationData:
        """All that a chip with these keys is to hold."""
        number = make_card_number(secrets.token_bytes(5))
        files = _household_files()
        anchor = SpAnchor(
            household_id=HouseholdId("HH-0001"),
            card_number=number,
            issue_number=1,
            profile=profile,
            member_count=3,
            receipt_public_key=keys.receipt_public_key,
            hashes={fid: hashlib.sha256(content).digest() for (_, fid), content in files.items()},
        )
        expires = TODAY.replace(year=TODAY.year + years)
        files |= _data_groups(number, anchor, keys, expires)
        files[EF_COM.key] = encode_ef_com(EfCom(tuple(sorted(DATA_GROUPS))))
        files[EF_SOD.key] = self.sign_sod(files)
        cvca = self.anchors.cvca_certificates
        return PersonalisationData(keys.serial, CAN, files, cvca, TODAY)

    def sign_sod(self, files: dict[FileKey, bytes]) -> bytes:
        """EF.SOD over the data groups among these files."""
        hashes = {n: hashlib.sha256(files[f.key]).digest() for n, f in DATA_GROUPS.items() if f.key in files}
        return build_sod(hashes, self.document_signer, signed_at=datetime(2026, 3, 9, 9, tzinfo=UTC))

    def _certificate(
        self,
        issuer: SoftKey,
        authority: str,
        holder: str,
        role: CvRole,
        key: SoftKey,
        days: int,
        rights: TerminalRights = ~TerminalRights.NONE,
        starts: date = TODAY,
    ) -> bytes:
        return encode_cv_certificate(
            sign_cv_certificate(
                authority_reference=authority,
                holder_reference=holder,
                role=role,
                public_point=key.public_point,
                effective_on=starts,
                expires_on=starts + timedelta(days=days),
                rights=rights,
                signer=issuer,
            )
        )


@cache
def make_registry() -> Registry:
    """The registry of this test run."""
    state, started = IssuingState(), date(2026, 1, 1)
    root, signer, entitlement, cvca, dv = SoftKey(), SoftDocumentSigner(), SoftKey(), SoftKey(), SoftKey()
    csca_der = issue_country_root(root, state=state, serial=bytes(15) + b"\x01", valid_from=started)
    signer.certificate_der = issue_document_signer(
        csca_der, root, signer.public_point, state=state, serial=bytes(15) + b"\x02", valid_from=started
    )
    trust_point = sign_cv_certificate(
        authority_reference=CVCA_REFERENCE,
        holder_reference=CVCA_REFERENCE,
        role=CvRole.COUNTRY_VERIFIER,
        public_point=cvca.public_point,
        effective_on=started,
        expires_on=date(2028, 12, 31),
        rights=TerminalRights.NONE,
        signer=cvca,
    )
    anchors = TrustAnchors(
        csca_certificates_der=(csca_der,),
        revoked_signers=frozenset(),
        crl_number=1,
        entitlement_signers_spki_der=(spki_from_point(entitlement.public_point),),
        cvca_certificates=(encode_cv_certificate(trust_point),),
    )
    return Registry(signer, entitlement, cvca, dv, anchors)


def _line(scheme: int, code: str, limit: int, unit: str) -> StatementLine:
    return StatementLine(
        scheme=scheme,
        programme_code=ProgrammeCode(code),
        period=MARCH,
        limit=limit,
        unit=unit,
        benefit_kind="food",
        name_key=f"programme.{code.lower()}",
        amount_minor=None,
        currency=None,
        collect_from=date(2026, 3, 1),
        collect_until=date(2026, 3, 31),
    )


def _household_files() -> dict[FileKey, bytes]:
    rows = (
        _row(1, "Asha Devi", Relationship.HEAD, (FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_INDEX)),
        _row(2, "Ram Prasad", Relationship.SPOUSE, (FingerPosition.RIGHT_INDEX,)),
        _row(3, "Mina Devi", Relationship.CHILD, ()),
    )
    return {
        MEMBERS.key: encode_member_table(MemberTable(rows)),
        template_file(1).key: b"FMR\x00 holder" + bytes(range(256)) * 2,
        template_file(2).key: b"FMR\x00 spouse" + bytes(range(256)),
        photo_file(2).key: _jpeg(80),
        photo_file(3).key: _jpeg(64),
    }


def _row(index: int, name: str, role: Relationship, fingers: tuple[FingerPosition, ...]) -> MemberRow:
    return MemberRow(
        index=index,
        person_id=PersonId(f"P-{index}"),
        name=name,
        born=BirthDate(on=date(1980 + index, 4, 5)),
        sex=Sex.FEMALE,
        role=role,
        fingers=fingers,
        has_photo=index > 1,
    )


def _data_groups(number: CardNumber, anchor: SpAnchor, keys: ChipKeys, expires: date) -> dict[FileKey, bytes]:
    born = BirthDate(on=date(1981, 4, 5))
    return {
        DG1.key: encode_dg1(Dg1(number, "ASHA DEVI", born, Sex.FEMALE, expires)),
        DG2.key: encode_dg2(Dg2(_jpeg(200), Sex.FEMALE)),
        DG11.key: encode_dg11(Dg11("आशा देवी", "Asha Devi", born)),
        DG13.key: encode_dg13(anchor),
        DG14.key: encode_dg14(Dg14(keys.ca_public_key, pace_curve=curve_of_point(keys.ca_public_key))),
        DG15.key: encode_dg15(Dg15(keys.receipt_public_key)),
    }


@cache
def _jpeg(side_px: int) -> bytes:
    noise = Image.effect_noise((side_px, side_px), 40)
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=12)
    return out.getvalue()
