"""``openssl cms -verify`` on one EF.SOD, as anybody would run it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from asn1crypto import pem

from card_service.tlv import decode_tlv_one


def is_installed() -> bool:
    return shutil.which("openssl") is not None


def is_believed(sod: bytes, root_der: bytes, directory: Path, *, at: datetime) -> bool:
    """Whether openssl verifies signature and path to the root."""
    (directory / "sod.der").write_bytes(decode_tlv_one(sod).value)
    (directory / "root.pem").write_bytes(pem.armor("CERTIFICATE", root_der))
    command = [
        *("openssl", "cms", "-verify", "-inform", "DER", "-in", str(directory / "sod.der")),
        *("-CAfile", str(directory / "root.pem"), "-purpose", "any", "-attime", str(int(at.timestamp()))),
        *("-out", str(directory / "content.der")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode == 0 and "Verification successful" in done.stderr
