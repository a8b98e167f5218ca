"""PACE and its secure channel as OpenPACE's libeac runs them, on either side: an implementation that is not ours.

The library ships no Python binding in Debian, so its C interface (OpenPACE 1.1.2, eac/pace.h and eac/eac.h) is called
through ctypes. One ``LibeacPace`` is one side of one run.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_ulong, c_void_p
from functools import cache

LIBRARY = "libeac.so.3"
_PACE_CAN = 2  # enum s_type
_EAC_ID_PACE = 0


class Buffer(ctypes.Structure):
    """BUF_MEM of OpenSSL 3 (openssl/buffer.h)."""

    _fields_ = (("length", c_size_t), ("data", c_void_p), ("max", c_size_t), ("flags", c_ulong))

    def read(self) -> bytes:
        return ctypes.string_at(self.data, self.length) if self.length else b""


BufferPointer = POINTER(Buffer)
_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "EAC_init": (None, ()),
    "EAC_CTX_new": (c_void_p, ()),
    "EAC_CTX_clear_free": (None, (c_void_p,)),
    "EAC_CTX_init_ef_cardaccess": (c_int, (c_char_p, c_size_t, c_void_p)),
    "EAC_CTX_set_encryption_ctx": (c_int, (c_void_p, c_int)),
    "EAC_reset_ssc": (c_int, (c_void_p,)),
    "EAC_increment_ssc": (c_int, (c_void_p,)),
    "EAC_add_iso_pad": (BufferPointer, (c_void_p, BufferPointer)),
    "EAC_remove_iso_pad": (BufferPointer, (BufferPointer,)),
    "EAC_encrypt": (BufferPointer, (c_void_p, BufferPointer)),
    "EAC_decrypt": (BufferPointer, (c_void_p, BufferPointer)),
    "EAC_authenticate": (BufferPointer, (c_void_p, BufferPointer)),
    "PACE_SEC_new": (c_void_p, (c_char_p, c_size_t, c_int)),
    "PACE_SEC_clear_free": (None, (c_void_p,)),
    "PACE_STEP1_enc_nonce": (BufferPointer, (c_void_p, c_void_p)),
    "PACE_STEP2_dec_nonce": (c_int, (c_void_p, c_void_p, BufferPointer)),
    "PACE_STEP3A_generate_mapping_data": (BufferPointer, (c_void_p,)),
    "PACE_STEP3A_map_generator": (c_int, (c_void_p, BufferPointer)),
    "PACE_STEP3B_generate_ephemeral_key": (BufferPointer, (c_void_p,)),
    "PACE_STEP3B_compute_shared_secret": (c_int, (c_void_p, BufferPointer)),
    "PACE_STEP3C_derive_keys": (c_int, (c_void_p,)),
    "PACE_STEP3D_compute_authentication_token": (BufferPointer, (c_void_p, BufferPointer)),
    "PACE_STEP3D_verify_authentication_token": (c_int, (c_void_p, BufferPointer)),
    "BUF_MEM_create_init": (BufferPointer, (c_char_p, c_size_t)),
    "BUF_MEM_clear_free": (None, (BufferPointer,)),
}


class LibeacRefused(Exception):
    """The library answered with an error, or found a token wrong."""


def is_installed() -> bool:
    """Whether the library is on this machine (Debian: libeac3)."""
    try:
        _library()
    except OSError:
        return False
    return True


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(LIBRARY)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.EAC_init()
    return library


class LibeacPace:
    """One side of PACE with the card access number, on the curve that EF.CardAccess names; then its channel."""

    def __init__(self, card_access: bytes, can: str) -> None:
        library = _library()
        self._context = library.EAC_CTX_new()
        self._secret = library.PACE_SEC_new(can.encode("ascii"), len(can), _PACE_CAN)
        if not self._context or not self._secret:
            raise LibeacRefused("no context")
        self._require(library.EAC_CTX_init_ef_cardaccess(card_access, len(card_access), self._context), "EF.CardAccess")

    def close(self) -> None:
        """Wipe and free what the library holds."""
        _library().PACE_SEC_clear_free(self._secret)
        _library().EAC_CTX_clear_free(self._context)

    def encrypt_nonce(self) -> bytes:
        """As chip: step 1."""
        return self._take(_library().PACE_STEP1_enc_nonce(self._context, self._secret), "nonce")

    def decrypt_nonce(self, encrypted: bytes) -> None:
        """As terminal: step 2."""
        self._give(_library().PACE_STEP2_dec_nonce, encrypted, "nonce", self._secret)

    def mapping_data(self) -> bytes:
        """Our public mapping point."""
        return self._take(_library().PACE_STEP3A_generate_mapping_data(self._context), "mapping")

    def map_generator(self, theirs: bytes) -> None:
        """Go over to the mapped generator."""
        self._give(_library().PACE_STEP3A_map_generator, theirs, "mapping")

    def ephemeral_key(self) -> bytes:
        """Our ephemeral public point, on the mapped generator."""
        return self._take(_library().PACE_STEP3B_generate_ephemeral_key(self._context), "ephemeral key")

    def agree(self, theirs: bytes) -> None:
        """Shared secret and channel keys."""
        self._give(_library().PACE_STEP3B_compute_shared_secret, theirs, "agreement")
        self._require(_library().PACE_STEP3C_derive_keys(self._context), "keys")

    def token(self, their_ephemeral: bytes) -> bytes:
        """Our token, over the other side's ephemeral key."""
        return self._exchange(_library().PACE_STEP3D_compute_authentication_token, their_ephemeral, "token")

    def check_token(self, theirs: bytes) -> None:
        """LibeacRefused unless the other side's token is right."""
        self._give(_library().PACE_STEP3D_verify_authentication_token, theirs, "token of the other side")

    def start_channel(self) -> None:
        """The channel's keys come into force, its counter at zero."""
        self._require(_library().EAC_CTX_set_encryption_ctx(self._context, _EAC_ID_PACE), "channel")
        self._require(_library().EAC_reset_ssc(self._context), "counter")

    def count(self) -> None:
        """One more message, either way."""
        self._require(_library().EAC_increment_ssc(self._context), "counter")

    def pad(self, data: bytes) -> bytes:
        """ISO/IEC 9797-1, method 2."""
        return self._exchange(_library().EAC_add_iso_pad, data, "padding")

    def encrypt(self, padded: bytes) -> bytes:
        return self._exchange(_library().EAC_encrypt, padded, "encryption")

    def decrypt(self, cryptogram: bytes) -> bytes:
        """The data without padding."""
        padded = _create(self._exchange(_library().EAC_decrypt, cryptogram, "decryption"))
        try:
            return self._take(_library().EAC_remove_iso_pad(padded), "padding")
        finally:
            _library().BUF_MEM_clear_free(padded)

    def mac(self, padded: bytes) -> bytes:
        """The 8-byte checksum over counter and data."""
        return self._exchange(_library().EAC_authenticate, padded, "checksum")

    def _exchange(self, function: object, data: bytes, what: str) -> bytes:
        assert callable(function)
        buffer = _create(data)
        try:
            return self._take(function(self._context, buffer), what)
        finally:
            _library().BUF_MEM_clear_free(buffer)

    def _give(self, function: object, data: bytes, what: str, *more: object) -> None:
        assert callable(function)
        buffer = _create(data)
        try:
            self._require(function(self._context, *more, buffer), what)
        finally:
            _library().BUF_MEM_clear_free(buffer)

    def _take(self, buffer: object, what: str) -> bytes:
        if not buffer:
            raise LibeacRefused(what)
        try:
            return bytes(buffer.contents.read())  # type: ignore[attr-defined]  # a pointer to Buffer
        finally:
            _library().BUF_MEM_clear_free(buffer)

    def _require(self, result: int, what: str) -> None:
        if result != 1:
            raise LibeacRefused(what)


def _create(data: bytes) -> object:
    return _library().BUF_MEM_create_init(data, len(data))
