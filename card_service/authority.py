"""The issuing authority: what the keys of one registry sign, and what terminals must trust to believe it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from card_service.authority_state import AuthorityState
from card_service.certificate_files import Certificates
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
from card_service.trust import SignerWindow, TrustAnchors
from domain.errors import ProjectError

__all__ = ["Authority", "AuthorityState", "Certificates", "CertifiedSigner", "SignerOutOfTime"]

#: Says what changed since it was last asked; None when nothing did.
Follow = Callable[[], "tuple[AuthorityState, Certificates] | None"]

#: A terminal's certificate lives a month at most: a stolen kiosk dies by itself.
MAX_TERMINAL_VALIDITY = timedelta(days=30)
#: docs/card-commands.md, 2: PUT DATA 0101.
MAX_TRUST_POINTS = 2
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

    def __init__(
        self,
        keys: KeyStore,
        state: AuthorityState,
        certificates: Certificates,
        follow: Follow | None = None,
    ) -> None:
        self.keys = keys
        self._in_force = state, certificates
        self._follow = follow

    @property
    def state(self) -> AuthorityState:
        return self._look()[0]

    @property
    def certificates(self) -> Certificates:
        return self._look()[1]

    def _look(self) -> tuple[AuthorityState, Certificates]:
        """State and certificates of one moment; a rotation by another process is seen at the next look."""
        changed = None if self._follow is None else self._follow()
        if changed is not None:
            self._in_force = changed
        return self._in_force

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
        """What terminals must trust to read and verify our cards, old ones too."""
        state, certificates = self._look()
        terms = state.entitlement_terms
        points = {
            generation: spki_from_point(self.keys.signer(KeyRole.ENTITLEMENT_SIGNER, generation).public_point)
            for generation in ([term.generation for term in reversed(terms)] or [1])
        }
        windows = [
            SignerWindow(points[term.generation], term.signs_from, term.signs_until, term.believed_until)
            for term in terms
        ]
        return TrustAnchors(
            csca_certificates_der=(certificates.csca_der, *certificates.earlier_csca_der),
            revoked_signers=frozenset(state.revoked_signers),
            crl_number=state.crl_number,
            entitlement_signers_spki_der=tuple(points.values()),
            # A chip has room for two.
            cvca_certificates=tuple(
                encode_cv_certificate(each) for each in (certificates.cvca, *certificates.earlier_cvca)
            )[:MAX_TRUST_POINTS],
            csca_links_der=certificates.csca_links_der,
            signer_crl_der=certificates.signer_crl_der,
            entitlement_windows=tuple(windows),
            cvca_links=tuple(encode_cv_certificate(each) for each in certificates.cvca_links),
        )

    @property
    def entitlement_signer(self) -> Signer:
        """The one in office."""
        return self.keys.signer(KeyRole.ENTITLEMENT_SIGNER, self.state.entitlement_generation)

    @property
    def quota_authority(self) -> Signer:
        """Signs quota grants of officers' cards (docs/card-commands.md, 11)."""
        return self.keys.signer(KeyRole.QUOTA_AUTHORITY)

    def document_signer(self, *, on: date) -> DocumentSigner:
        """The signer in office; ``SignerOutOfTime`` when its three months are over."""
        state, certificates = self._look()
        if not state.renewed_on <= on < state.renewed_on + SIGNER_SIGNING:
            raise SignerOutOfTime("the document signer's time is over")
        key = self.keys.signer(KeyRole.DOCUMENT_SIGNER, state.generation)
        return CertifiedSigner(key, certificates.ds_der)

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
        state, certificates = self._look()
        dv = certificates.dv
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
            signer=self.keys.signer(KeyRole.DOCUMENT_VERIFIER, state.document_verifier_key),
        )
