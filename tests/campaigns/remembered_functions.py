"""Pure functions of reader and chip that remember their results, for conversations that begin alike a thousand times.

Same arguments, same result: nothing is left out, it is only not computed twice. ``sign_raw`` is the one that is not
pure; asked for the same signature again it gives the same one, as a signer by RFC 6979 would. Spoiled answers are new
arguments and are computed. What raises is not remembered.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hardware_sim.card.file_header import FileHeader

_PURE = {
    "card_service.tlv": ("decode_tlvs", "encode_tlv", "get_value", "decode_tlv_header"),
    "card_service.secure_messaging": ("aes_cmac", "derive_key", "_pad"),
    "card_service.ecdsa_raw": ("is_signed_by", "load_point", "sign_raw"),
    "card_service.pace": ("_point",),
    "card_service.security_object": ("verify_sod",),
    "card_service.entitlement_statement": ("verify_statement",),
    "card_service.cv_certificate": ("decode_cv_certificate",),
    "card_service.data_groups": (
        "decode_dg1",
        "decode_dg2",
        "decode_dg11",
        "decode_dg13",
        "decode_dg14",
        "decode_member_table",
        "encode_dg15",
    ),
}
_METHODS = {("card_service.secure_messaging", "SecureChannel"): ("_encrypt", "_decrypt")}
_PACKAGES = ("card_service", "hardware_sim", "tests.")
_MOST = 30_000
_Function = Callable[..., object]


class RememberedFunctions:
    """``is_resting``: everything is computed, so that every line is seen."""

    def __init__(self) -> None:
        self.is_resting = False
        self._results: dict[tuple[object, ...], object] = {}

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Everywhere in this process, also where a function was imported by name."""
        undo: list[tuple[object, str, object]] = []
        for module, names in _PURE.items():
            home = importlib.import_module(module)
            for name in names:
                honest = getattr(home, name, None)
                if honest is not None:
                    self._put(honest, self._remembering(honest), undo)
        for (module, kind), names in _METHODS.items():
            owner = getattr(importlib.import_module(module), kind)
            for name in names:
                undo.append((owner, name, getattr(owner, name)))
                setattr(owner, name, self._remembering_method(getattr(owner, name)))
        undo.append((FileHeader, "decode", vars(FileHeader)["decode"]))
        FileHeader.decode = self._remembering(FileHeader.decode)  # type: ignore[method-assign]
        try:
            yield
        finally:
            for owner, name, honest in undo:
                setattr(owner, name, honest)

    def _put(self, honest: object, remembering: object, undo: list[tuple[object, str, object]]) -> None:
        for name, module in list(sys.modules.items()):
            if not name.startswith(_PACKAGES) or module is None:
                continue
            for attribute, value in list(vars(module).items()):
                if value is honest:
                    undo.append((module, attribute, honest))
                    setattr(module, attribute, remembering)

    def _remembering(self, honest: _Function) -> _Function:
        def remembered(*args: object, **more: object) -> object:
            if self.is_resting:
                return honest(*args, **more)
            return self._once((honest, args, *more.items()), lambda: honest(*args, **more))

        return remembered

    def _remembering_method(self, honest: _Function) -> _Function:
        """The channel's ciphers: their result follows from keys, counter and data."""

        def remembered(channel: object, data: bytes) -> object:
            if self.is_resting:
                return honest(channel, data)
            keys, counter = vars(channel)["_keys"], vars(channel)["_counter"]
            return self._once((honest, keys, counter, data), lambda: honest(channel, data))

        return remembered

    def _once(self, key: tuple[object, ...], compute: Callable[[], object]) -> object:
        try:
            return self._results[key]
        except KeyError:
            pass
        except TypeError:  # an argument that cannot be a key
            return compute()
        result = compute()
        if len(self._results) >= _MOST:
            self._results.clear()
        self._results[key] = result
        return result
