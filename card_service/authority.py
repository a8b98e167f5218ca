"""The issuing authority: what the keys of one registry sign, and what terminals must trust to believe it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from card_service.country_certificates import (
    SIGNER_SIGNING,
    IssuingState,
)
from card_service.cv_certificate import (
    CvCertificate,
    CvRole,
    encode_cv_certificate,
    sign_cv_certificate,
)
from card_service.der import KeyRefused, spki_from_point
from card_service.ecdsa_raw import load_point
from card_service.layout import TerminalRights
from card_service.signing import DocumentSigner, KeyRole, KeyStore, Signer
from card_service.trust import TrustAnchors
from domain.errors import ProjectError

#: A terminal's certificate lives a month at most: a stolen kiosk dies by itself.
MAX_TERMINAL_VALIDITY = timedelta(days=30)
KIOSK_RIGHTS = (
    TerminalRights.READ_BIO
    | TerminalRights.DELIVER
    | TerminalRights.UPDATE
    | TerminalRights.ENROL
    | TerminalRights.COUNTERSIGN
)


class SignerOutOfTime(ProjectError):
    """The certificate needed has run out: ``./run keys renew`` makes the next."""

    code = "keys.signer_out_of_time"
    message_key = "error.keys_signer_out_of_time"


@dataclass(frozen=True, slots=True)
class AuthorityState:
    """What changes in the life of an authority. ``generation`` counts document signers and DV certificates."""

    generation: int
    renewed_on: date
    crl_number: int
    revoked_signers: tuple[int, ...] = ()
    issuing_state: IssuingState = field(default_factory=IssuingState)


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates of an authority in force."""

    csca_der: bytes
    ds_der: bytes
    cvca: CvCertificate
    dv: CvCertificate


@dataclass(frozen=True, slots=True)
class CertifiedSigner:
    """A document signer's key with its certificate."""

    key: Signer
    certificate_der: bytes

    @property
    def public_point(self) -> bytes:
        return self.key.public_point

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)


class Authority:
    """Signs for the registry. ``ceremony.open_authority`` makes it; tests give a key store of their own."""

    def __init__(self, keys: KeyStore, state: AuthorityState, certificates: Certificates) -> None:
        self.keys = keys
        self.state = state
        self.certificates = certificates

    @property
    def issuing_state(self) -> IssuingState:
        return self.state.issuing_state

    @property
    def receipt_key(self) -> bytes:
        """Ed25519 public key (32 bytes) of push receipts, bundles and audit anchors."""
        return self.keys.receipt_key

    def sign_receipt(self, message: bytes) -> bytes:
        """64 bytes, Ed25519."""
        return self.keys.sign_receipt(message)

    @property
    def anchors(self) -> TrustAnchors:
        """What terminals must trust to read and verify our cards."""
        entitlement_signer = self.keys.signer(KeyRole.ENTITLEMENT_SIGNER)
        return TrustAnchors(
            csca_certificates_der=(self.certificates.csca_der,),
            revoked_signers=frozenset(self.state.revoked_signers),
            crl_number=self.state.crl_number,
            entitlement_signers_spki_der=(spki_from_point(entitlement_signer.public_point),),
            cvca_certificates=(encode_cv_certificate(self.certificates.cvca),),
        )

    @property
    def entitlement_signer(self) -> Signer:
        return self.keys.signer(KeyRole.ENTITLEMENT_SIGNER)

    def document_signer(self, *, on: date) -> DocumentSigner:
        """The signer in office; ``SignerOutOfTime`` when its three months are over."""
        if not self.state.renewed_on <= on < self.state.renewed_on + SIGNER_SIGNING:
            raise SignerOutOfTime("the document signer's time is over")
        key = self.keys.signer(KeyRole.DOCUMENT_SIGNER, self.state.generation)
        return CertifiedSigner(key, self.certificates.ds_der)

    def terminal_chain(self, reference: str, terminal_point: bytes, *, on: date) -> tuple[bytes, ...]:
        """CV certificates DV and terminal for a kiosk with the usual rights, as long as both may live."""
        days = min(MAX_TERMINAL_VALIDITY, self.certificates.dv.expires_on - on)
        terminal = self.issue_terminal_certificate(reference, terminal_point, KIOSK_RIGHTS, days, on=on)
        return encode_cv_certificate(self.certificates.dv), encode_cv_certificate(terminal)

    def issue_terminal_certificate(
        self, reference: str, terminal_point: bytes, rights: TerminalRights, validity: timedelta, *, on: date
    ) -> CvCertificate:
        """A terminal certificate. ``KeyRefused`` for a point off the curve, ``SignerOutOfTime`` without a valid DV."""
        try:
            load_point(terminal_point)
        except ValueError as error:
            raise KeyRefused("the terminal's key is no point of P-256") from error
        dv = self.certificates.dv
        if validity > MAX_TERMINAL_VALIDITY:
            raise ValueError("a terminal certificate lives thirty days at most")
        if not dv.effective_on <= on <= on + validity <= dv.expires_on or validity < timedelta(0):
            raise SignerOutOfTime("the document verifier's time is over")
        return sign_cv_certificate(
            authority_reference=dv.holder_reference,
            holder_reference=reference,
            role=CvRole.TERMINAL,
            public_point=terminal_point,
            effective_on=on,
            expires_on=on + validity,
            rights=rights,
            signer=self.keys.signer(KeyRole.DOCUMENT_VERIFIER),
        )
