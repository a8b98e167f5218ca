"""Issuing: from an approved order to the files of a card, signed; within a policy that limits what keys may sign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from card_service.authority import Authority
from card_service.card_order import CardOrder
from card_service.cv_certificate import CvCertificate
from card_service.data_groups import (
    Dg1,
    Dg2,
    Dg11,
    Dg14,
    Dg15,
    EfCardAccess,
    EfCom,
    EfDir,
    SpAnchor,
    births,
    encode_dg1,
    encode_dg2,
    encode_dg11,
    encode_dg13,
    encode_dg14,
    encode_dg15,
    encode_ef_card_access,
    encode_ef_com,
    encode_ef_dir,
    mrz,
)
from card_service.entitlement_statement import EntitlementStatement, sign_statement, wrap_statement
from card_service.layout import (
    AID_EMRTD,
    AID_SOCIAL_PROTECTION,
    CARD_FILES,
    DATA_GROUPS,
    EF_CAN,
    EF_CARD_ACCESS,
    EF_COM,
    EF_DIR,
    EF_SOD,
    KEY_CHIP_AUTHENTICATION,
    CardFile,
    TerminalRights,
)
from card_service.qr import PaperTwin, issue_qr
from card_service.security_object import build_sod
from card_service.signing_policy import SigningAlarm, SigningFault, SigningPolicy, SigningRecord, SigningRefused
from domain.people import BirthDate, BirthPrecision

__all__ = [
    "CardIssuer",
    "FileKey",
    "IssuedCard",
    "SigningAlarm",
    "SigningFault",
    "SigningPolicy",
    "SigningRecord",
    "SigningRefused",
]

FileKey = tuple[int, int]


@dataclass(frozen=True)
class IssuedCard:
    """Everything that goes on the chip and is printed. ``files`` by ``layout.CardFile.key``, in layout order."""

    order: CardOrder
    files: Mapping[FileKey, bytes]
    anchor: SpAnchor
    qr_text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))

    def in_writing_order(self) -> tuple[tuple[CardFile, bytes], ...]:
        """Layout order, EF.SOD after all others: without it a card is nothing."""
        present = [file for file in CARD_FILES if file.key in self.files and file is not EF_SOD]
        return tuple((file, self.files[file.key]) for file in (*present, EF_SOD))


class CardIssuer:
    """Makes cards, statements and terminal certificates with the keys of one authority."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def build_card(self, order: CardOrder, policy: SigningPolicy) -> IssuedCard:
        """The signed files of a card. Raises OrderUnfit, SigningRefused, KeyStoreUnavailable, SignerOutOfTime."""
        policy.check(order.order_id, at=order.ordered_at)
        anchor, sp_files = _social_protection_files(order)
        data_groups = _encode_data_groups(order, anchor, self._authority.issuing_state.alpha3)
        hashes = {number: hashlib.sha256(content).digest() for number, content in data_groups.items()}
        signer = self._authority.document_signer(on=order.ordered_at.date())
        files = {DATA_GROUPS[number].key: content for number, content in data_groups.items()}
        files |= sp_files
        files[EF_SOD.key] = build_sod(hashes, signer, signed_at=order.ordered_at)
        files |= _unsigned_files(order, tuple(sorted(data_groups)))
        return IssuedCard(order, files, anchor, self._paper_twin(order))

    def sign_statement(self, statement: EntitlementStatement) -> bytes:
        """The statement for its card: the data of PUT DATA 0201 (version, limits, COSE_Sign1)."""
        return wrap_statement(statement, sign_statement(statement, self._authority.entitlement_signer))

    def issue_terminal_certificate(
        self, chr: str, public_point: bytes, rights: TerminalRights, days: int, *, on: date
    ) -> CvCertificate:
        """A terminal's certificate for up to thirty days under the document verifier in force."""
        validity = timedelta(days=days)
        return self._authority.issue_terminal_certificate(chr, public_point, rights, validity, on=on)

    def _paper_twin(self, order: CardOrder) -> str:
        holder = order.holder
        twin = PaperTwin(
            issuer=self._authority.issuing_state.organisation,
            card_number=order.card_number,
            name=holder.name,
            born=births.for_card(holder.born),
            sex=holder.sex,
            issued_on=order.ordered_at.date(),
            valid_until=order.valid_until,
        )
        return issue_qr(twin, self._authority.entitlement_signer)


def _social_protection_files(order: CardOrder) -> tuple[SpAnchor, dict[FileKey, bytes]]:
    files = order.social_protection_files()
    anchor = SpAnchor(
        household_id=order.household_id,
        card_number=order.card_number,
        issue_number=order.issue_number,
        profile=order.profile,
        member_count=len(order.members),
        receipt_public_key=order.chip.receipt_point,
        hashes={file.fid: hashlib.sha256(content).digest() for file, content in files.items()},
    )
    return anchor, {file.key: content for file, content in files.items()}


def _encode_data_groups(order: CardOrder, anchor: SpAnchor, issuing_state: str) -> dict[int, bytes]:
    holder = order.holder
    born = births.for_card(holder.born)
    return {
        1: encode_dg1(
            Dg1(
                card_number=order.card_number,
                name=mrz.fit_name(holder.name.latin),
                born=_mrz_birth(born),
                sex=holder.sex,
                expires_on=order.valid_until,
                issuing_state=issuing_state,
            )
        ),
        2: encode_dg2(Dg2(order.holder_portrait_jpeg, holder.sex)),
        11: encode_dg11(Dg11(holder.name.local, holder.name.latin, born)),
        13: encode_dg13(anchor),
        14: encode_dg14(Dg14(order.chip.ca_point, KEY_CHIP_AUTHENTICATION)),
        15: encode_dg15(Dg15(order.chip.receipt_point)),
    }


def _mrz_birth(born: BirthDate) -> BirthDate:
    """The machine readable zone knows no "about": it says the year alone."""
    is_about = born.precision is BirthPrecision.ABOUT
    return BirthDate(on=born.on, precision=BirthPrecision.YEAR) if is_about else born


def _unsigned_files(order: CardOrder, data_groups: tuple[int, ...]) -> dict[FileKey, bytes]:
    return {
        EF_DIR.key: encode_ef_dir(EfDir((AID_EMRTD, AID_SOCIAL_PROTECTION))),
        EF_CARD_ACCESS.key: encode_ef_card_access(EfCardAccess()),
        EF_CAN.key: order.can.encode("ascii"),
        EF_COM.key: encode_ef_com(EfCom(data_groups)),
    }
