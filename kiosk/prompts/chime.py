"""The sound that calls the helper: two soft notes, made here, so that no sound file has to be licensed."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

_RATE_HZ = 22_050
_NOTES = ((880.0, 0.28), (660.0, 0.42))
_LOUDNESS = 0.5


def make_chime(path: Path) -> Path:
    """Write the chime, unless it is there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(_RATE_HZ)
            out.writeframes(b"".join(_note(pitch_hz, length_s) for pitch_hz, length_s in _NOTES))
    return path


def _note(pitch_hz: float, length_s: float) -> bytes:
    count = int(length_s * _RATE_HZ)
    samples = (
        math.sin(2 * math.pi * pitch_hz * i / _RATE_HZ) * math.exp(-4 * i / count) * min(1.0, i / 200) * _LOUDNESS
        for i in range(count)
    )
    return b"".join(struct.pack("<h", int(sample * 32_767)) for sample in samples)
