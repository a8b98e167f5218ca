"""Fixed values for vectors: two points of P-256, and the smallest JPEG of colour."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

# Multiples 1 and 2 of the base point (FIPS 186-4, D.1.2.3).
KEY_A = bytes.fromhex(
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
)
KEY_B = bytes.fromhex(
    "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"
    "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1"
)


def make_jpeg(side_px: int = 8, colour: str = "#806040") -> bytes:
    """A plain picture."""
    stream = io.BytesIO()
    Image.new("RGB", (side_px, side_px), colour).save(stream, "JPEG", quality=50)
    return stream.getvalue()


SMALL_JPEG = (Path(__file__).parents[2] / "vectors" / "plain_8x8.jpg").read_bytes()
