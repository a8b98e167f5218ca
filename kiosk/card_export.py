"""Reading a card to files, for other programs to look at: data groups, EF.SOD and the certificates they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from asn1crypto import cms, pem, x509

from card_service.authentic_card import authenticate_card, read_data_group
from card_service.connection import CardConnection
from card_service.layout import DATA_GROUPS, EF_SOD
from card_service.session import CardSession
from card_service.tlv import get_value
from card_service.trust import TrustAnchors

_TAG_SOD = 0x77
_CERTIFICATE = "CERTIFICATE"


def export_card(connection: CardConnection, anchors: TrustAnchors, directory: Path, *, on: date) -> Sequence[Path]:
    """``EF.SOD.bin``, ``DG1.bin`` …, ``ds.pem`` and ``csca.pem`` of an authentic card. Raises what checking raises."""
    directory.mkdir(parents=True, exist_ok=True)
    card = authenticate_card(CardSession(connection), anchors, on=on)
    sod = card.session.read(EF_SOD)
    written = [_write(directory / "EF.SOD.bin", sod)]
    for number in sorted(card.hashes.keys() & DATA_GROUPS.keys()):
        written.append(_write(directory / f"DG{number}.bin", read_data_group(card.session, card.hashes, number)))
    signer = document_signer_of(sod)
    written.append(_write(directory / "ds.pem", pem.armor(_CERTIFICATE, signer.dump())))
    root = next(der for der in anchors.csca_certificates_der if _subject(der) == signer.issuer)
    written.append(_write(directory / "csca.pem", pem.armor(_CERTIFICATE, root)))
    return written


def document_signer_of(sod: bytes) -> x509.Certificate:
    """The certificate inside EF.SOD (ICAO 9303-10, 4.6.2); the card was checked already."""
    content = cms.ContentInfo.load(get_value(sod, _TAG_SOD))
    certificate: x509.Certificate = content["content"]["certificates"][0].chosen
    return certificate


def _subject(certificate_der: bytes) -> x509.Name:
    name: x509.Name = x509.Certificate.load(certificate_der).subject
    return name


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
