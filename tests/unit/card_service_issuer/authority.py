"""An issuing authority in memory, for tests: the same certificates as a ceremony makes, without a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from card_service.authority import Authority, AuthorityState, Certificates
from card_service.country_certificates import IssuingState, issue_country_root, issue_document_signer
from card_service.cv_certificate import CvCertificate, CvRole, encode_cv_certificate, sign_cv_certificate
from card_service.der import spki_from_point
from card_service.ecdsa_raw import encode_point, sign_raw
from card_service.layout import TerminalRights
from card_service.signing import KeyRole
from card_service.trust import TrustAnchors

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ALL_RIGHTS = ~TerminalRights.NONE


@dataclass(frozen=True)
class MemorySigner:
    """A key in memory behind the Signer port; with a certificate it is a DocumentSigner."""

    private_key: ec.EllipticCurvePrivateKey
    certificate_der: bytes = b""

    @property
    def public_point(self) -> bytes:
        return encode_point(self.private_key.public_key())

    def sign(self, data: bytes) -> bytes:
        return sign_raw(self.private_key, data)


def new_signer() -> MemorySigner:
    return MemorySigner(ec.generate_private_key(ec.SECP256R1()))


class MemoryAuthority:
    """Root, document signer, entitlement signer, CVCA and DV, all valid on ``today``."""

    def __init__(self, today: date = TODAY) -> None:
        self.today = today
        self.revoked: frozenset[int] = frozenset()
        self.state = IssuingState()
        self.signers = {role: new_signer() for role in KeyRole}
        root = self.signers[KeyRole.COUNTRY_SIGNER]
        self.csca_der = issue_country_root(root, state=self.state, serial=bytes(range(16)), valid_from=today)
        signer = self.signers[KeyRole.DOCUMENT_SIGNER]
        self.ds_der = issue_document_signer(
            self.csca_der,
            root,
            signer.public_point,
            state=self.state,
            serial=bytes(range(16, 32)),
            valid_from=today,
        )
        self.signers[KeyRole.DOCUMENT_SIGNER] = MemorySigner(signer.private_key, self.ds_der)
        cvca = self.signers[KeyRole.COUNTRY_VERIFIER]
        self.cvca = sign_cv_certificate(
            authority_reference="UTSWCVCA00001",
            holder_reference="UTSWCVCA00001",
            role=CvRole.COUNTRY_VERIFIER,
            public_point=cvca.public_point,
            effective_on=today,
            expires_on=today + timedelta(days=3 * 365),
            rights=TerminalRights.NONE,
            signer=cvca,
        )
        self.dv = sign_cv_certificate(
            authority_reference="UTSWCVCA00001",
            holder_reference="UTSWDV00001",
            role=CvRole.DOCUMENT_VERIFIER,
            public_point=self.signers[KeyRole.DOCUMENT_VERIFIER].public_point,
            effective_on=today,
            expires_on=today + timedelta(days=90),
            rights=ALL_RIGHTS,
            signer=cvca,
        )

    @property
    def document_signer(self) -> MemorySigner:
        return self.signers[KeyRole.DOCUMENT_SIGNER]

    @property
    def anchors(self) -> TrustAnchors:
        return TrustAnchors(
            csca_certificates_der=(self.csca_der,),
            revoked_signers=self.revoked,
            crl_number=1 + len(self.revoked),
            entitlement_signers_spki_der=(spki_from_point(self.signers[KeyRole.ENTITLEMENT_SIGNER].public_point),),
            cvca_certificates=(encode_cv_certificate(self.cvca),),
        )


@dataclass(frozen=True)
class MemoryKeyStore:
    """The KeyStore port over keys in memory."""

    signers: dict[KeyRole, MemorySigner]
    receipt_private_key: Ed25519PrivateKey

    def signer(self, role: KeyRole, generation: int = 1) -> MemorySigner:
        assert generation == 1
        return self.signers[role]

    @property
    def receipt_key(self) -> bytes:
        return self.receipt_private_key.public_key().public_bytes_raw()

    def sign_receipt(self, message: bytes) -> bytes:
        return self.receipt_private_key.sign(message)


def memory_authority(today: date = TODAY) -> tuple[Authority, CvCertificate]:
    """An Authority as the registry uses it, and its CVCA, without a token."""
    memory = MemoryAuthority(today)
    keys = MemoryKeyStore(memory.signers, Ed25519PrivateKey.generate())
    state = AuthorityState(generation=1, renewed_on=today, crl_number=1, issuing_state=memory.state)
    certificates = Certificates(memory.csca_der, memory.ds_der, memory.cvca, memory.dv)
    return Authority(keys, state, certificates), memory.cvca
