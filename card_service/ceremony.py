"""The key ceremony: all keys and certificates of an issuing authority, made once, renewed every three months."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from card_service.authority import Authority, AuthorityState, Certificates
from card_service.country_certificates import (
    SERIAL_BYTES,
    IssuingState,
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
from card_service.keys import Pkcs11KeyStore
from card_service.layout import TerminalRights
from card_service.signing import KeyRole, KeyStore
from card_service.token_setup import create_token, read_pin
from domain.errors import ProjectError

CVCA_VALIDITY = timedelta(days=3 * 365)
DV_VALIDITY = timedelta(days=92)
_ALL_RIGHTS = ~TerminalRights.NONE

CSCA_FILE = "csca.der"
CVCA_FILE = "cvca.cvcert"
STATE_FILE = "authority.json"
_CVCA_MNEMONIC, _DV_MNEMONIC = "SWCVCA", "SWDV"


class AuthorityExists(ProjectError):
    """There is an authority in this directory; a second ceremony would orphan every card it issued."""

    code = "keys.authority_exists"
    message_key = "error.keys_authority_exists"


class AuthorityMissing(ProjectError):
    """No ceremony was finished in this directory."""

    code = "keys.authority_missing"
    message_key = "error.keys_authority_missing"


def has_authority(directory: Path) -> bool:
    """Whether a ceremony was finished there: its state is written last."""
    return (directory / STATE_FILE).is_file()


def create_authority(directory: Path, *, today: date, state: IssuingState | None = None) -> None:
    """Token, keys and certificates in a data directory. Raises AuthorityExists or KeyStoreUnavailable."""
    if has_authority(directory):
        raise AuthorityExists("a ceremony was held here")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuing_state = state or IssuingState()
    pin = create_token(directory)
    with Pkcs11KeyStore.open(directory, pin) as keys:
        for role in KeyRole:
            keys.create_key(role)
        root = keys.signer(KeyRole.COUNTRY_SIGNER)
        csca_der = issue_country_root(root, state=issuing_state, serial=_serial(), valid_from=today)
        (directory / CSCA_FILE).write_bytes(csca_der)
        cvca = _issue_cvca(keys, issuing_state, today)
        (directory / CVCA_FILE).write_bytes(encode_cv_certificate(cvca))
        first = AuthorityState(generation=1, renewed_on=today, crl_number=1, issuing_state=issuing_state)
        _renew_certificates(directory, keys, first)


def renew_authority(directory: Path, *, today: date) -> None:
    """A new document signer and a new DV certificate; what the old ones signed stays good."""
    with Pkcs11KeyStore.open(directory, read_pin(directory)) as keys:
        state = read_state(directory)
        renewed = replace(state, generation=state.generation + 1, renewed_on=today)
        keys.create_key(KeyRole.DOCUMENT_SIGNER, renewed.generation)
        _renew_certificates(directory, keys, renewed)


def open_authority(directory: Path) -> Authority:
    """The authority of that data directory, its token open. Raises AuthorityMissing or KeyStoreUnavailable."""
    state = read_state(directory)
    keys = Pkcs11KeyStore.open(directory, read_pin(directory))
    return Authority(keys, state, read_certificates(directory, state))


def read_state(directory: Path) -> AuthorityState:
    try:
        raw = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AuthorityMissing("no key ceremony was finished here: ./run keys ceremony") from error
    return AuthorityState(
        generation=int(raw["generation"]),
        renewed_on=date.fromisoformat(raw["renewed_on"]),
        crl_number=int(raw["crl_number"]),
        revoked_signers=tuple(int(serial) for serial in raw["revoked_signers"]),
        issuing_state=IssuingState(**raw["issuing_state"]),
    )


def read_certificates(directory: Path, state: AuthorityState) -> Certificates:
    """The certificates in force in that state."""
    try:
        return Certificates(
            csca_der=(directory / CSCA_FILE).read_bytes(),
            ds_der=(directory / _ds_file(state.generation)).read_bytes(),
            cvca=decode_cv_certificate((directory / CVCA_FILE).read_bytes()),
            dv=decode_cv_certificate((directory / _dv_file(state.generation)).read_bytes()),
        )
    except OSError as error:
        raise AuthorityMissing("a certificate file is gone") from error


def _renew_certificates(directory: Path, keys: KeyStore, state: AuthorityState) -> None:
    generation, today = state.generation, state.renewed_on
    ds_der = issue_document_signer(
        (directory / CSCA_FILE).read_bytes(),
        keys.signer(KeyRole.COUNTRY_SIGNER),
        keys.signer(KeyRole.DOCUMENT_SIGNER, generation).public_point,
        state=state.issuing_state,
        serial=_serial(),
        valid_from=today,
    )
    (directory / _ds_file(generation)).write_bytes(ds_der)
    dv = _issue_dv(keys, state)
    (directory / _dv_file(generation)).write_bytes(encode_cv_certificate(dv))
    _write_state(directory, state)


def _write_state(directory: Path, state: AuthorityState) -> None:
    """Whole or not at all: the file is replaced in one step."""
    issuing = state.issuing_state
    raw = {
        "generation": state.generation,
        "renewed_on": state.renewed_on.isoformat(),
        "crl_number": state.crl_number,
        "revoked_signers": [str(serial) for serial in state.revoked_signers],
        "issuing_state": {
            "alpha2": issuing.alpha2,
            "alpha3": issuing.alpha3,
            "organisation": issuing.organisation,
            "contact_uri": issuing.contact_uri,
        },
    }
    path = directory / STATE_FILE
    new = path.with_suffix(".new")
    new.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    new.replace(path)


def _issue_cvca(keys: KeyStore, state: IssuingState, today: date) -> CvCertificate:
    reference = f"{state.alpha2}{_CVCA_MNEMONIC}00001"
    signer = keys.signer(KeyRole.COUNTRY_VERIFIER)
    return sign_cv_certificate(
        authority_reference=reference,
        holder_reference=reference,
        role=CvRole.COUNTRY_VERIFIER,
        public_point=signer.public_point,
        effective_on=today,
        expires_on=today + CVCA_VALIDITY,
        rights=TerminalRights.NONE,
        signer=signer,
    )


def _issue_dv(keys: KeyStore, state: AuthorityState) -> CvCertificate:
    alpha2 = state.issuing_state.alpha2
    return sign_cv_certificate(
        authority_reference=f"{alpha2}{_CVCA_MNEMONIC}00001",
        holder_reference=f"{alpha2}{_DV_MNEMONIC}{state.generation:05}",
        role=CvRole.DOCUMENT_VERIFIER,
        public_point=keys.signer(KeyRole.DOCUMENT_VERIFIER).public_point,
        effective_on=state.renewed_on,
        expires_on=state.renewed_on + DV_VALIDITY,
        rights=_ALL_RIGHTS,
        signer=keys.signer(KeyRole.COUNTRY_VERIFIER),
    )


def _serial() -> bytes:
    return secrets.token_bytes(SERIAL_BYTES)


def _ds_file(generation: int) -> str:
    return f"ds-{generation:05}.der"


def _dv_file(generation: int) -> str:
    return f"dv-{generation:05}.cvcert"
