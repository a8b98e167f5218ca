"""Randomness that can be had again: what lets a conversation with a card be repeated byte for byte.

Only where random values come from is replaced (``secrets``, fresh P-256 keys) and the product of a point and a number,
a pure function, is remembered. Everything that card and reader compute from them is computed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from Crypto.PublicKey.ECC import EccPoint  # type: ignore[attr-defined]  # documented there, not re-exported
from cryptography.hazmat.primitives.asymmetric import ec

_MOST_PRODUCTS, _MOST_KEYS = 4_000, 100
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_TRUE_DERIVE = ec.derive_private_key


@dataclass
class LoadedDice:
    """Two streams, the reader's and the chip's, so that each side can be set back without the other."""

    epoch: str = ""
    is_chip: bool = False
    drawn: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    _keys: dict[tuple[int, str], ec.EllipticCurvePrivateKey] = field(default_factory=dict)

    def token_bytes(self, count: int | None = None) -> bytes:
        """In place of secrets.token_bytes."""
        number = self.drawn[self.is_chip]
        self.drawn[self.is_chip] = number + 1
        who = "chip" if self.is_chip else "reader"
        return hashlib.shake_256(f"{self.epoch}/{who}/{number}".encode()).digest(32 if count is None else count)

    def randbelow(self, limit: int) -> int:
        """In place of secrets.randbelow."""
        return int.from_bytes(self.token_bytes(40), "big") % limit

    def generate_private_key(self, curve: ec.EllipticCurve, _backend: object = None) -> ec.EllipticCurvePrivateKey:
        """In place of ec.generate_private_key."""
        number = 1 + self.randbelow(_P256_ORDER - 1)
        return ec.derive_private_key(number, curve)

    def _derive_private_key(
        self, number: int, curve: ec.EllipticCurve, _backend: object = None
    ) -> ec.EllipticCurvePrivateKey:
        """In place of ec.derive_private_key: the same key for the same number."""
        found = self._keys.get((number, curve.name))
        if found is None:
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()
            found = self._keys[number, curve.name] = _TRUE_DERIVE(number, curve)
        return found

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Everybody in this process draws from here, and products of points are remembered."""
        honest = secrets.token_bytes, secrets.randbelow, ec.generate_private_key, ec.derive_private_key
        true_product = EccPoint.__mul__
        products: dict[tuple[object, ...], EccPoint] = {}

        def product(point: EccPoint, scalar: int) -> EccPoint:
            key = (str(point.curve), int(point.x), int(point.y), int(scalar))
            found = products.get(key)
            if found is None:
                if len(products) >= _MOST_PRODUCTS:
                    products.clear()
                found = products[key] = true_product(point, scalar)
            return found.copy()

        # The modules are patched, not the callers: whatever they import later draws from here too.
        secrets.token_bytes, secrets.randbelow = self.token_bytes, self.randbelow
        ec.generate_private_key = self.generate_private_key  # type: ignore[assignment]
        ec.derive_private_key = self._derive_private_key
        EccPoint.__mul__ = product
        try:
            yield
        finally:
            secrets.token_bytes, secrets.randbelow, ec.generate_private_key, ec.derive_private_key = honest
            EccPoint.__mul__ = true_product
