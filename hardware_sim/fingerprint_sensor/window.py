"""The glass: what the module sees when it looks, and what is left on it when the finger has gone."""

from __future__ import annotations

import random
from enum import Enum

from hardware_sim.fingerprint_sensor.instructions import Confirmation

#: Pixels of a picture that fall on the other side of a grey level from one look to the next.
NOISY_BYTES = 400
LATENT_CONTRAST = 0.7
WHITE = 15


class Glass(Enum):
    """What the glass does besides showing the finger on it."""

    CLEAN = "clean"
    LATENT = "latent"
    """The grease of the last finger is seen again, paler, when nothing touches."""
    REPLAY = "replay"
    """Not a sensor but a recording: the last picture comes again, bit for bit, finger or none."""
    MOVING = "moving"
    """The finger slides: no picture is sharp."""


class Window:
    """One window. No two looks at a finger are the same, unless ``is_noisy`` is off or the glass replays."""

    def __init__(self, *, is_noisy: bool = True, seed: int = 0) -> None:
        self.glass = Glass.CLEAN
        self._is_noisy = is_noisy
        self._random = random.Random(seed)
        self._finger: bytes | None = None
        self._grease: bytes | None = None
        self._seen: bytes | None = None

    @property
    def has_finger(self) -> bool:
        """Whether something lies on it."""
        return self._finger is not None

    def place(self, packed: bytes) -> None:
        """Lay a finger down, given as the packed picture it would make."""
        self._finger = self._grease = packed

    def lift(self) -> None:
        """Take the finger away; its grease stays."""
        self._finger = None

    def look(self) -> bytes | Confirmation:
        """The picture now, NO_FINGER, or IMAGE_FAILED for one that moves."""
        if self.glass is Glass.REPLAY and self._seen is not None:
            return self._seen
        if self.glass is Glass.MOVING and self.has_finger:
            return Confirmation.IMAGE_FAILED
        picture = self._finger
        if picture is None and self.glass is Glass.LATENT and self._grease is not None:
            picture = self._grease.translate(_PALER)
        if picture is None:
            return Confirmation.NO_FINGER
        self._seen = self._with_noise(picture) if self._is_noisy else picture
        return self._seen

    def _with_noise(self, picture: bytes) -> bytes:
        noisy = bytearray(picture)
        for at in self._random.sample(range(len(picture)), NOISY_BYTES):
            low = noisy[at] & 0x0F
            noisy[at] = noisy[at] & 0xF0 | (low + 1 if low < WHITE else low - 1)
        return bytes(noisy)


def _pale(grey: int) -> int:
    return WHITE - round((WHITE - grey) * LATENT_CONTRAST)


_PALER = bytes(_pale(value >> 4) << 4 | _pale(value & 0x0F) for value in range(256))
