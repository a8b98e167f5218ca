"""The registry's signing keys behind PKCS#11 (v2.40): SoftHSM2 by default, a hardware module in production."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_named_curve_parameters

from card_service.ecdsa_raw import POINT_BYTES
from card_service.signing import KeyRole, KeyStoreUnavailable, Signer

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Pkcs11Library

MODULE_VARIABLE = "SINGLE_WINDOW_PKCS11_MODULE"
SOFTHSM_CONF_VARIABLE = "SOFTHSM2_CONF"
#: Where Debian and Ubuntu put SoftHSM2.
SOFTHSM_MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
)
TOKEN_LABEL = "single-window"  # noqa: S105 - the name of the token, no secret
TOKENS_DIRECTORY = "tokens"
CONFIGURATION_FILE = "softhsm2.conf"

_P256_PARAMETERS = encode_named_curve_parameters("secp256r1")
#: id-Ed25519 (RFC 8410, 3) as an OBJECT IDENTIFIER, the form that SoftHSM2 reads.
_ED25519_PARAMETERS = bytes.fromhex("06032B6570")
_ED25519_POINT_BYTES = 32
_STAYS_INSIDE = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}

#: SoftHSM2 is one library with one configuration for the whole process, and without locks of its own.
_lock = threading.RLock()
_configurations: dict[Path, Path] = {}


def find_module(environment: Mapping[str, str] = os.environ) -> Path:
    """The PKCS#11 library: the one the setting names, else SoftHSM2 where it is usually installed."""
    named = environment.get(MODULE_VARIABLE)
    candidates = (Path(named),) if named else SOFTHSM_MODULES
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    wish = f"{MODULE_VARIABLE} names no file" if named else "SoftHSM2 is not installed (Debian: apt install softhsm2)"
    raise KeyStoreUnavailable(wish)


def write_configuration(directory: Path) -> Path:
    """The SoftHSM2 configuration for a data directory, written anew: it holds an absolute path."""
    tokens = directory.resolve() / TOKENS_DIRECTORY
    tokens.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory.resolve() / CONFIGURATION_FILE
    lines = (
        f"directories.tokendir = {tokens}",
        "objectstore.backend = file",
        "log.level = ERROR",
        "slots.removable = false",
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load_module(directory: Path, module: Path | None = None) -> Pkcs11Library:
    """The library, reading the tokens of that directory. Another directory in this process closes the one before."""
    path = module or find_module()
    configuration = write_configuration(directory)
    with _lock, _explained():
        os.environ[SOFTHSM_CONF_VARIABLE] = str(configuration)
        library = pkcs11.lib(str(path))
        if _configurations.get(path) != configuration:
            library.reinitialize()
            _configurations[path] = configuration
        return library


def forget_tokens() -> None:
    """The library is started anew at its next loading: tokens were taken away under it."""
    with _lock:
        _configurations.clear()


@dataclass(frozen=True, slots=True)
class _TokenSigner:
    """One P-256 key of the token."""

    store: Pkcs11KeyStore
    label: str
    public_point: bytes

    def sign(self, data: bytes) -> bytes:
        return self.store.sign_digest(self.label, hashlib.sha256(data).digest())


class Pkcs11KeyStore:
    """Keys of one token. ``open`` it with the PIN, close it with ``close`` or ``with``."""

    def __init__(self, session: pkcs11.Session) -> None:
        self._session = session

    @classmethod
    def open(cls, directory: Path, pin: str, module: Path | None = None) -> Pkcs11KeyStore:
        """The token of that data directory; ``KeyStoreUnavailable`` without library, token or the right PIN.

        Logging in counts for the whole process (PKCS#11 v2.40, 5.6): the store opened first is to be closed last.
        """
        library = load_module(directory, module)
        with _lock, _explained():
            token = library.get_token(token_label=TOKEN_LABEL)
            try:
                return cls(token.open(rw=True, user_pin=pin))
            except pkcs11.UserAlreadyLoggedIn:
                return cls(token.open(rw=True))

    def __enter__(self) -> Pkcs11KeyStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out of the token."""
        with _lock, _explained():
            self._session.close()

    def create_key(self, role: KeyRole, generation: int = 1) -> None:
        """A key that can never leave the token, unless there is one; Ed25519 for receipts, P-256 for all else."""
        is_edwards = role is KeyRole.REGISTRY_RECEIPT
        kind = KeyType.EC_EDWARDS if is_edwards else KeyType.EC
        parameters = {Attribute.EC_PARAMS: _ED25519_PARAMETERS if is_edwards else _P256_PARAMETERS}
        label = key_label(role, generation)
        with _lock, _explained():
            if self._has_pair(label):
                return
            domain = self._session.create_domain_parameters(kind, parameters, local=True)
            domain.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN if is_edwards else Mechanism.EC_KEY_PAIR_GEN,
                store=True,
                label=label,
                id=label.encode("ascii"),
                private_template=_STAYS_INSIDE,
            )

    def _has_pair(self, label: str) -> bool:
        """Whether both halves are there. One half alone, of a power cut, is thrown away: nothing was signed with it."""
        found = [
            list(self._session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label}))
            for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)
        ]
        if all(found):
            return True
        for half in (each for halves in found for each in halves):
            half.destroy()
        return False

    def import_transport_key(self, batch: str, value: bytes) -> None:
        """The master key of a maker's batch of chips (AES-128), for derivations only; one already there stays.

        The caller compares the check value afterwards: it is the held key's.
        """
        label = transport_key_label(batch)
        with _lock, _explained():
            held = list(self._session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: label}))
            if not held:
                self._session.create_object(
                    {
                        Attribute.CLASS: ObjectClass.SECRET_KEY,
                        Attribute.KEY_TYPE: KeyType.AES,
                        Attribute.TOKEN: True,
                        Attribute.PRIVATE: True,
                        Attribute.LABEL: label,
                        Attribute.ID: label.encode("ascii"),
                        Attribute.VALUE: value,
                        Attribute.SIGN: True,
                        Attribute.VERIFY: False,
                        Attribute.ENCRYPT: False,
                        Attribute.DECRYPT: False,
                        **_STAYS_INSIDE,
                    }
                )

    def transport_batches(self) -> list[str]:
        """Names of the batches whose master key is held, in order."""
        with _lock, _explained():
            held = self._session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
            labels = [str(key[Attribute.LABEL]) for key in held]
        prefix = transport_key_label("")
        return sorted(label.removeprefix(prefix) for label in labels if label.startswith(prefix))

    def transport_key_cmac(self, batch: str, data: bytes) -> bytes:
        """AES-CMAC (NIST SP 800-38B), 16 bytes, with that batch's master key, made inside the token."""
        with _lock, _explained():
            key = self._session.get_key(object_class=ObjectClass.SECRET_KEY, label=transport_key_label(batch))
            assert isinstance(key, SignMixin)
            return key.sign(data, mechanism=Mechanism.AES_CMAC)

    def signer(self, role: KeyRole, generation: int = 1) -> Signer:
        """The P-256 key of that role."""
        label = key_label(role, generation)
        return _TokenSigner(self, label, self._public_bytes(label, POINT_BYTES))

    def sign_digest(self, label: str, digest: bytes) -> bytes:
        """Raw ``r || s`` over a 32-byte SHA-256 digest, made inside the token."""
        with _lock, _explained():
            return self._private_key(label).sign(digest, mechanism=Mechanism.ECDSA)

    @property
    def receipt_key(self) -> bytes:
        """Ed25519 public key, 32 bytes."""
        return self._public_bytes(key_label(KeyRole.REGISTRY_RECEIPT), _ED25519_POINT_BYTES)

    def sign_receipt(self, message: bytes) -> bytes:
        """64 bytes, Ed25519."""
        with _lock, _explained():
            key = self._private_key(key_label(KeyRole.REGISTRY_RECEIPT))
            return key.sign(message, mechanism=Mechanism.EDDSA)

    def _private_key(self, label: str) -> SignMixin:
        key = self._session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
        assert isinstance(key, SignMixin)
        return key

    def _public_bytes(self, label: str, length: int) -> bytes:
        """The point: the token gives it as an OCTET STRING around the bytes (PKCS#11 v2.40, 2.3.3)."""
        with _lock, _explained():
            key = self._session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
            point: bytes = key[Attribute.EC_POINT]
        return point[-length:]


def key_label(role: KeyRole, generation: int = 1) -> str:
    """The name of a key in the token."""
    return f"{role}-{generation:05}"


def transport_key_label(batch: str) -> str:
    """The name of a batch's master key in the token."""
    return f"transport-{batch}"


@contextmanager
def _explained() -> Iterator[None]:
    """Any failure of the token as KeyStoreUnavailable, without its text: it may hold paths."""
    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise KeyStoreUnavailable(f"the key token failed: {type(error).__name__}") from error
