"""The key ceremony: an issuing authority in a directory, made once, opened often, its keys changed by ``rotation``."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from card_service.authority import Authority
from card_service.authority_state import STATE_FILE, AuthorityMissing, AuthorityState, read_state
from card_service.certificate_files import Certificates, read_certificates
from card_service.country_certificates import IssuingState
from card_service.keys import TOKENS_DIRECTORY, Pkcs11KeyStore, forget_tokens
from card_service.rotation import Rotation
from card_service.signing import KeyRole, KeyStoreUnavailable
from card_service.token_setup import PIN_FILE, create_token, read_pin
from domain.errors import ProjectError

__all__ = ["AuthorityMissing", "create_authority", "has_authority", "open_authority", "renew_authority"]


class AuthorityExists(ProjectError):
    """There is an authority in this directory; a second ceremony would orphan every card it issued."""

    code = "keys.authority_exists"
    message_key = "error.keys_authority_exists"


def has_authority(directory: Path) -> bool:
    """Whether a ceremony was finished there: its state is written last."""
    return (directory / STATE_FILE).is_file()


def create_authority(directory: Path, *, today: date, state: IssuingState | None = None) -> None:
    """Token, keys and certificates in a data directory; a ceremony that was cut off is taken up again.

    Raises AuthorityExists or KeyStoreUnavailable.
    """
    if has_authority(directory):
        raise AuthorityExists("a ceremony was held here")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _open_unfinished(directory) as keys:
        first = AuthorityState(1, today, crl_number=1, issuing_state=state or IssuingState())
        Rotation(directory, keys).begin(first)


def open_keys(directory: Path) -> Pkcs11KeyStore:
    """The token of that directory, with the PIN kept beside it."""
    return Pkcs11KeyStore.open(directory, read_pin(directory))


def renew_authority(directory: Path, *, today: date) -> None:
    """A new document signer and a new DV certificate; what the old ones signed stays good."""
    with open_keys(directory) as keys:
        Rotation(directory, keys).renew(today=today)


def open_authority(directory: Path) -> Authority:
    """The authority of that data directory, its token open, following each change of its keys.

    Raises AuthorityMissing or KeyStoreUnavailable.
    """
    state = read_state(directory)
    keys = open_keys(directory)
    # A key that this version needs and the ceremony of an earlier one did not make.
    keys.create_key(KeyRole.QUOTA_AUTHORITY)
    return Authority(keys, state, read_certificates(directory, state), _Follower(directory))


class _Follower:
    """Notices that ``keys`` changed the state while the registry runs."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen = self._stamp()

    def __call__(self) -> tuple[AuthorityState, Certificates] | None:
        """State and certificates, when they changed since the last call."""
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        state = read_state(self._directory)
        certificates = read_certificates(self._directory, state)
        self._seen = stamp
        return state, certificates

    def _stamp(self) -> tuple[int, int]:
        found = (self._directory / STATE_FILE).stat()
        return found.st_mtime_ns, found.st_ino


def _open_unfinished(directory: Path) -> Pkcs11KeyStore:
    """The token of a ceremony that was cut off, or a new one when it had got no further than its PIN."""
    if (directory / PIN_FILE).is_file():
        try:
            return open_keys(directory)
        except KeyStoreUnavailable:
            # No card was ever issued with these keys: there is no state.
            (directory / PIN_FILE).unlink()
    shutil.rmtree(directory / TOKENS_DIRECTORY, ignore_errors=True)
    forget_tokens()
    return Pkcs11KeyStore.open(directory, create_token(directory))
