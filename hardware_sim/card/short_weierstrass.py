"""Point arithmetic on y² = x³ + ax + b over a prime field, for curves that no library here adds points on.

Only the simulated chip uses it: it takes as long as the secret number happens to be, which a real chip must not.
Projective (Jacobian) coordinates as in SEC 1, version 2.0, 2.2, and the usual doubling and addition in them.
"""

from __future__ import annotations

from dataclasses import dataclass

Jacobian = tuple[int, int, int]
Affine = tuple[int, int]
_INFINITY: Jacobian = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class ShortWeierstrass:
    """One curve's field and coefficients."""

    prime: int
    a: int
    b: int

    def holds(self, point: Affine) -> bool:
        """Whether the point lies on the curve."""
        x, y = point
        in_field = 0 <= x < self.prime and 0 <= y < self.prime
        return in_field and (y * y - x * x * x - self.a * x - self.b) % self.prime == 0

    def times(self, point: Affine, scalar: int) -> Affine | None:
        """The point added to itself; None is infinity."""
        result, base = _INFINITY, (*point, 1)
        for bit in f"{scalar:b}":
            result = self._double(result)
            if bit == "1":
                result = self._add(result, base)
        return self._affine(result)

    def plus(self, first: Affine, second: Affine) -> Affine | None:
        """The sum of two points; None is infinity."""
        return self._affine(self._add((*first, 1), (*second, 1)))

    def _double(self, point: Jacobian) -> Jacobian:
        x, y, z = point
        if not y or not z:
            return _INFINITY
        p = self.prime
        yy = y * y % p
        s = 4 * x * yy % p
        m = (3 * x * x + self.a * pow(z, 4, p)) % p
        doubled_x = (m * m - 2 * s) % p
        return doubled_x, (m * (s - doubled_x) - 8 * yy * yy) % p, 2 * y * z % p

    def _add(self, first: Jacobian, second: Jacobian) -> Jacobian:
        if not first[2] or not second[2]:
            return second if not first[2] else first
        p = self.prime
        (x1, y1, z1), (x2, y2, z2) = first, second
        z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * z2z2 % p, x2 * z1z1 % p
        s1, s2 = y1 * z2 * z2z2 % p, y2 * z1 * z1z1 % p
        if u1 == u2:
            return self._double(first) if s1 == s2 else _INFINITY
        h, r = (u2 - u1) % p, (s2 - s1) % p
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p

    def _affine(self, point: Jacobian) -> Affine | None:
        x, y, z = point
        if not z:
            return None
        inverse = pow(z, -1, self.prime)
        square = inverse * inverse % self.prime
        return x * square % self.prime, y * square * inverse % self.prime
