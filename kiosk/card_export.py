"""Reading a card to files, with all that a stranger needs to check them by other programs: see ``export_guide``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import cbor2
from asn1crypto import cms, pem, x509

from card_service.authentic_card import AuthenticCard, authenticate_card, find_anchored_file, read_data_group
from card_service.connection import CardConnection
from card_service.cv_certificate import decode_cv_certificate
from card_service.data_groups import decode_member_table
from card_service.der import signature_der_from_raw
from card_service.layout import (
    DATA_GROUPS,
    EF_CARD_ACCESS,
    EF_COM,
    EF_DIR,
    EF_SOD,
    ENTITLEMENTS_A,
    ENTITLEMENTS_B,
    MEMBERS,
    CardFile,
    photo_file,
)
from card_service.session import CardSession
from card_service.statement_slot import StatementSlotMalformed, decode_slot_file
from card_service.tlv import get_value
from card_service.trust import TrustAnchors
from kiosk.export_guide import write_guide

_TAG_SOD = 0x77
_CERTIFICATE, _PUBLIC_KEY = "CERTIFICATE", "PUBLIC KEY"
_COSE_CONTEXT = "Signature1"  # RFC 9052, 4.4
_UNSIGNED_FILES = (EF_CARD_ACCESS, EF_DIR, EF_COM)
_HOLDER = 1

Named = tuple[str, bytes]


def export_card(
    connection: CardConnection,
    anchors: TrustAnchors,
    directory: Path,
    *,
    on: date,
    terminal_chain: Sequence[bytes] = (),
) -> Sequence[Path]:
    """The files written: what the card holds, the keys and certificates it rests on, and how to check them.

    ``terminal_chain``: this desk's own card-verifiable certificates, which a card would be shown. Finger templates and
    the access number stay on the card. Raises what checking the card raises; then nothing was written.
    """
    card = authenticate_card(CardSession(connection), anchors, on=on)
    contents = dict(_read_all(card, anchors, terminal_chain))
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in contents.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return [*written, write_guide(directory, contents, on=on)]


def _read_all(card: AuthenticCard, anchors: TrustAnchors, terminal_chain: Sequence[bytes]) -> Iterator[Named]:
    yield from _read_signed(card)
    yield from _read_unsigned(card)
    yield from _identity_certificates(card.session.read(EF_SOD), anchors)
    yield from _terminal_certificates((*anchors.cvca_certificates, *anchors.cvca_links, *terminal_chain))
    yield from _read_household(card)
    yield from _read_statement(card)
    for number, spki_der in enumerate(anchors.entitlement_signers_spki_der, start=1):
        yield f"entitlement-signer-{number}.pem", pem.armor(_PUBLIC_KEY, spki_der)


def _read_signed(card: AuthenticCard) -> Iterator[Named]:
    sums = []
    for number in sorted(card.hashes.keys() & DATA_GROUPS.keys()):
        name = f"DG{number}.bin"
        yield name, read_data_group(card.session, card.hashes, number)
        sums.append(f"{card.hashes[number].hex()}  {name}\n")
    yield "hashes.sha256", "".join(sums).encode("ascii")


def _read_unsigned(card: AuthenticCard) -> Iterator[Named]:
    for file in _UNSIGNED_FILES:
        content = card.session.find(file)
        if content is not None:
            yield f"{file.name}.bin", content


def _identity_certificates(sod: bytes, anchors: TrustAnchors) -> Iterator[Named]:
    signer = document_signer_of(sod)
    root = next(der for der in anchors.csca_certificates_der if _subject(der) == signer.issuer)
    yield "EF.SOD.bin", sod
    yield "sod.der", get_value(sod, _TAG_SOD)
    yield "ds.pem", pem.armor(_CERTIFICATE, signer.dump())
    yield "csca.pem", pem.armor(_CERTIFICATE, root)


def _terminal_certificates(certificates: Sequence[bytes]) -> Iterator[Named]:
    """Named by their holder, as cvc-print looks issuers up. A link follows the root whose name it bears."""
    seen: set[str] = set()
    for encoded in certificates:
        holder = decode_cv_certificate(encoded).holder_reference
        yield f"cvc/{holder}" if holder not in seen else f"cvc/{holder}.link", encoded
        seen.add(holder)


def _read_household(card: AuthenticCard) -> Iterator[Named]:
    table = find_anchored_file(card, MEMBERS)
    if table is None:
        return
    yield "EF.Mbr.bin", table
    sums = [_sum_of(MEMBERS, table)]
    for row in decode_member_table(table).rows:
        file = photo_file(row.index) if row.has_photo and row.index != _HOLDER else None
        photo = None if file is None else find_anchored_file(card, file)
        if file is not None and photo is not None:
            yield f"{file.name}.bin", photo
            sums.append(_sum_of(file, photo))
    yield "anchored.sha256", "".join(sums).encode("ascii")


def _sum_of(file: CardFile, content: bytes) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {file.name}.bin\n"


def _read_statement(card: AuthenticCard) -> Iterator[Named]:
    """The newest statement that the card holds, and the bytes and signature as any program verifies them."""
    slots = []
    for file in (ENTITLEMENTS_A, ENTITLEMENTS_B):
        try:
            slots.append(decode_slot_file(card.session.find(file) or b""))
        except StatementSlotMalformed:  # torn while it was written: the other one is in force
            continue
    newest = max((slot for slot in slots if slot is not None), key=lambda slot: slot.version, default=None)
    if newest is None:
        return
    protected, _, payload, signature = cbor2.loads(newest.statement).value
    yield "statement.cose", newest.statement
    yield "statement.payload.cbor", payload
    yield "statement.signed.bin", cbor2.dumps([_COSE_CONTEXT, protected, b"", payload], canonical=True)
    yield "statement.signature.der", signature_der_from_raw(signature)


def document_signer_of(sod: bytes) -> x509.Certificate:
    """The certificate inside EF.SOD (ICAO 9303-10, 4.6.2); the card was checked already."""
    content = cms.ContentInfo.load(get_value(sod, _TAG_SOD))
    certificate: x509.Certificate = content["content"]["certificates"][0].chosen
    return certificate


def _subject(certificate_der: bytes) -> x509.Name:
    name: x509.Name = x509.Certificate.load(certificate_der).subject
    return name
