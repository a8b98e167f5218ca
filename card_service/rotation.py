"""Changing keys without recalling cards: keys and certificates are made first, the state that names them last.

A step that is cut off anywhere leaves the state before it in force; done again, it takes up the keys that are there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from card_service.authority_state import AuthorityState, SignerTerm, read_state, write_state
from card_service.certificate_files import (
    crl_file,
    csca_file,
    csca_link_file,
    cvca_file,
    cvca_link_file,
    ds_file,
    dv_file,
)
from card_service.country_certificates import (
    ROOT_SIGNING,
    SERIAL_BYTES,
    SIGNER_VALIDITY,
    issue_country_link,
    issue_country_root,
    issue_document_signer,
)
from card_service.cv_certificate import (
    CvCertificate,
    CvRole,
    decode_cv_certificate,
    encode_cv_certificate,
    sign_cv_certificate,
)
from card_service.document_signer import load_root
from card_service.durable_file import write_durably
from card_service.layout import TerminalRights
from card_service.signer_crl import SignerCrl, sign_signer_crl
from card_service.signing import KeyMaker, KeyRole, Signer
from domain.errors import ProjectError

CVCA_VALIDITY = timedelta(days=3 * 365)
DV_VALIDITY = timedelta(days=92)
_ALL_RIGHTS = ~TerminalRights.NONE
_CVCA_MNEMONIC, _DV_MNEMONIC = "SWCVCA", "SWDV"


class RotationRefused(ProjectError):
    """This step would make certificates that nobody may believe; ``reason`` says what has to come first."""

    code = "keys.rotation_refused"
    message_key = "error.keys_rotation_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rotation:
    """The steps, on one directory and its token."""

    directory: Path
    keys: KeyMaker

    def begin(self, first: AuthorityState) -> None:
        """All keys and certificates of a new authority."""
        for role in KeyRole:
            self.keys.create_key(role)
        self._make_root(first)
        self._make_verifier(first)
        self._write_list(first)
        self._renew(first)

    def renew(self, *, today: date) -> AuthorityState:
        """A new document signer and a new DV, each with a key of its own; what the old ones signed stays good."""
        state = self._state()
        return self._renew(replace(state, generation=state.generation + 1, renewed_on=_not_before(state, today)))

    def rotate_root(self, *, today: date) -> AuthorityState:
        """A new CSCA, the link from the old one, and a document signer under the new one."""
        state = self._state()
        changed = replace(state, root_generation=state.root_generation + 1, generation=state.generation + 1)
        changed = replace(changed, renewed_on=_not_before(state, today), crl_number=state.crl_number + 1)
        self.keys.create_key(KeyRole.COUNTRY_SIGNER, changed.root_generation)
        self._make_root(changed)
        link_der = issue_country_link(
            self._read(csca_file(state.root_generation)),
            self.keys.signer(KeyRole.COUNTRY_SIGNER, state.root_generation),
            self._read(csca_file(changed.root_generation)),
            state=state.issuing_state,
            serial=_serial(),
        )
        self._write(csca_link_file(changed.root_generation), link_der)
        # Anew by the new root: the list must outlive the old one.
        self._write_list(changed)
        if changed.renewed_on > self._verifier(changed).expires_on:
            # Both have run out: neither could be renewed without the other.
            changed = self._advance_verifier(changed)
        return self._renew(changed)

    def rotate_verifier(self, *, today: date) -> AuthorityState:
        """A new CVCA, the link that cards follow to it, and a DV under the new one."""
        state = self._state()
        changed = replace(state, generation=state.generation + 1, renewed_on=_not_before(state, today))
        return self._renew(self._advance_verifier(changed))

    def _advance_verifier(self, state: AuthorityState) -> AuthorityState:
        changed = replace(state, verifier_generation=state.verifier_generation + 1)
        self.keys.create_key(KeyRole.COUNTRY_VERIFIER, changed.verifier_generation)
        new = self._make_verifier(changed)
        old = self._verifier(state)
        signer = self.keys.signer(KeyRole.COUNTRY_VERIFIER, state.verifier_generation)
        self._write(cvca_link_file(changed.verifier_generation), encode_cv_certificate(_link(old, new, signer)))
        return changed

    def rotate_entitlement_signer(self, *, today: date, is_compromised: bool = False) -> AuthorityState:
        """A new entitlement signer. What the old one signed is believed on, unless its key fell into other hands."""
        state = self._state()
        terms = state.entitlement_terms or (SignerTerm(1, self._founded_on()),)
        last = terms[-1]
        if today <= last.signs_from and not is_compromised:
            raise RotationRefused("the signer in office took office today")
        # This day's statements may be its last.
        until = max(last.signs_from, today)
        believed = today - timedelta(days=1) if is_compromised else until + SIGNER_VALIDITY
        new = SignerTerm(last.generation + 1, today)
        self.keys.create_key(KeyRole.ENTITLEMENT_SIGNER, new.generation)
        changed = replace(
            state, entitlement_terms=(*terms[:-1], replace(last, signs_until=until, believed_until=believed), new)
        )
        write_state(self.directory, changed)
        return changed

    def revoke_signer(self, serial: int, *, today: date) -> AuthorityState:
        """The signed list with that document signer on it, under the next number. Twice changes nothing.

        The signer in office is followed by a new one in the same step.
        """
        state = self._state()
        if serial in state.revoked_signers:
            return state
        serials = {self._signer_serial(each): each for each in range(1, state.generation + 1)}
        if serial not in serials:
            raise RotationRefused("no document signer of ours has this serial number")
        changed = replace(
            state,
            crl_number=state.crl_number + 1,
            revoked_signers=tuple(sorted({*state.revoked_signers, serial})),
        )
        self._write_list(changed, issued_on=today)
        if serials[serial] != state.generation:
            write_state(self.directory, changed)
            return changed
        return self._renew(replace(changed, generation=state.generation + 1, renewed_on=_not_before(state, today)))

    def _state(self) -> AuthorityState:
        return read_state(self.directory)

    def _renew(self, state: AuthorityState) -> AuthorityState:
        """Document signer and DV of ``state``, then ``state`` itself."""
        generation, today = state.generation, state.renewed_on
        root_der = self._read(csca_file(state.root_generation))
        root_from = load_root(root_der).certificate.not_valid_before_utc.date()
        if today > root_from + ROOT_SIGNING:
            raise RotationRefused("the country root's five years are over: keys rotate-csca")
        cvca = self._verifier(state)
        if today > cvca.expires_on:
            raise RotationRefused("the country verifier has run out: keys rotate-cvca")
        state = replace(state, document_verifier_key=generation)
        self.keys.create_key(KeyRole.DOCUMENT_SIGNER, generation)
        self.keys.create_key(KeyRole.DOCUMENT_VERIFIER, generation)
        ds_der = issue_document_signer(
            root_der,
            self.keys.signer(KeyRole.COUNTRY_SIGNER, state.root_generation),
            self.keys.signer(KeyRole.DOCUMENT_SIGNER, generation).public_point,
            state=state.issuing_state,
            serial=_serial(),
            valid_from=today,
        )
        self._write(ds_file(generation), ds_der)
        self._write(dv_file(generation), encode_cv_certificate(self._issue_dv(state, cvca)))
        write_state(self.directory, state)
        return state

    def _make_root(self, state: AuthorityState) -> None:
        root = self.keys.signer(KeyRole.COUNTRY_SIGNER, state.root_generation)
        csca_der = issue_country_root(root, state=state.issuing_state, serial=_serial(), valid_from=state.renewed_on)
        self._write(csca_file(state.root_generation), csca_der)

    def _make_verifier(self, state: AuthorityState) -> CvCertificate:
        reference = f"{state.issuing_state.alpha2}{_CVCA_MNEMONIC}{state.verifier_generation:05}"
        signer = self.keys.signer(KeyRole.COUNTRY_VERIFIER, state.verifier_generation)
        cvca = sign_cv_certificate(
            authority_reference=reference,
            holder_reference=reference,
            role=CvRole.COUNTRY_VERIFIER,
            public_point=signer.public_point,
            effective_on=state.renewed_on,
            expires_on=state.renewed_on + CVCA_VALIDITY,
            rights=TerminalRights.NONE,
            signer=signer,
        )
        self._write(cvca_file(state.verifier_generation), encode_cv_certificate(cvca))
        return cvca

    def _issue_dv(self, state: AuthorityState, cvca: CvCertificate) -> CvCertificate:
        return sign_cv_certificate(
            authority_reference=cvca.holder_reference,
            holder_reference=f"{state.issuing_state.alpha2}{_DV_MNEMONIC}{state.generation:05}",
            role=CvRole.DOCUMENT_VERIFIER,
            public_point=self.keys.signer(KeyRole.DOCUMENT_VERIFIER, state.document_verifier_key).public_point,
            effective_on=state.renewed_on,
            # The chip refuses what outlives its issuer (BSI TR-03110-3, 2.5).
            expires_on=min(state.renewed_on + DV_VALIDITY, cvca.expires_on),
            rights=_ALL_RIGHTS,
            signer=self.keys.signer(KeyRole.COUNTRY_VERIFIER, state.verifier_generation),
        )

    def _write_list(self, state: AuthorityState, issued_on: date | None = None) -> None:
        content = SignerCrl(state.crl_number, issued_on or state.renewed_on, frozenset(state.revoked_signers))
        signer = self.keys.signer(KeyRole.COUNTRY_SIGNER, state.root_generation)
        crl_der = sign_signer_crl(content, self._read(csca_file(state.root_generation)), signer)
        self._write(crl_file(state.crl_number), crl_der)

    def _signer_serial(self, generation: int) -> int:
        return load_root(self._read(ds_file(generation))).certificate.serial_number

    def _verifier(self, state: AuthorityState) -> CvCertificate:
        return decode_cv_certificate(self._read(cvca_file(state.verifier_generation)))

    def _founded_on(self) -> date:
        return load_root(self._read(csca_file(1))).certificate.not_valid_before_utc.date()

    def _read(self, name: str) -> bytes:
        return (self.directory / name).read_bytes()

    def _write(self, name: str, data: bytes) -> None:
        write_durably(self.directory / name, data)


def _not_before(state: AuthorityState, today: date) -> date:
    """A clock that went back must not make certificates that began before those they follow."""
    return max(state.renewed_on, today)


def _link(old: CvCertificate, new: CvCertificate, signer: Signer) -> CvCertificate:
    """The new key, signed with the old one (BSI TR-03110-3, 2.5)."""
    return sign_cv_certificate(
        authority_reference=old.holder_reference,
        holder_reference=new.holder_reference,
        role=CvRole.COUNTRY_VERIFIER,
        public_point=new.public_point,
        effective_on=new.effective_on,
        expires_on=new.expires_on,
        rights=TerminalRights.NONE,
        signer=signer,
    )


def _serial() -> bytes:
    return secrets.token_bytes(SERIAL_BYTES)
