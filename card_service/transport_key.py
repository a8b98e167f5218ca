"""The master key of a batch of chips: brought by two custodians, held in the token, never seen again."""

from __future__ import annotations

import hmac
import re

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.keys import Pkcs11KeyStore
from domain.errors import ProjectError

TRANSPORT_KEY_BYTES = 16
_COMPONENT_CHARACTERS = 2 * TRANSPORT_KEY_BYTES
#: ANSI X9.24-1:2017, annex A: the leftmost bytes of a CMAC over a block of zeros.
CHECK_VALUE_BYTES = 3
_CHECKED_BLOCK = bytes(16)
_BATCH = re.compile(r"[A-Za-z0-9-]{1,20}")


class TransportKeyRefused(ProjectError):
    """The components make no key, or another key than expected; ``reason`` says which."""

    code = "keys.transport_key_refused"
    message_key = "error.keys_transport_key_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"transport key refused: {reason}", reason=reason)
        self.reason = reason


def combine_components(first_hex: str, second_hex: str) -> bytes:
    """The key that is the XOR of two custodians' parts, 32 hex digits each; neither says anything of it alone."""
    parts = []
    for component in (first_hex, second_hex):
        plain = component.replace(" ", "").strip()
        if len(plain) != _COMPONENT_CHARACTERS or not re.fullmatch("[0-9A-Fa-f]+", plain):
            raise TransportKeyRefused("component_malformed")
        parts.append(bytes.fromhex(plain))
    key = bytes(left ^ right for left, right in zip(*parts, strict=True))
    if key == bytes(TRANSPORT_KEY_BYTES):
        raise TransportKeyRefused("components_are_equal")
    return key


def check_value(key: bytes) -> str:
    """What custodians compare on paper: six hex digits."""
    mac = CMAC(AES(key))
    mac.update(_CHECKED_BLOCK)
    return mac.finalize()[:CHECK_VALUE_BYTES].hex().upper()


def import_transport_key(keys: Pkcs11KeyStore, batch: str, key: bytes, *, expected: str | None = None) -> str:
    """Its check value, once the token holds the key of that batch. The same again changes nothing.

    Raises TransportKeyRefused when ``expected`` is another value, or the batch has another key already.
    """
    if not _BATCH.fullmatch(batch):
        raise TransportKeyRefused("batch_name_malformed")
    value = check_value(key)
    if expected is not None and not hmac.compare_digest(expected.upper(), value):
        raise TransportKeyRefused("check_value_differs")
    keys.import_transport_key(batch, key)
    if held_check_value(keys, batch) != value:
        raise TransportKeyRefused("batch_has_another_key")
    return value


def held_check_value(keys: Pkcs11KeyStore, batch: str) -> str:
    """The check value of the key in the token; KeyStoreUnavailable when there is none."""
    return keys.transport_key_cmac(batch, _CHECKED_BLOCK)[:CHECK_VALUE_BYTES].hex().upper()
