"""PKI.js from npm, asked through node. Installed once, exactly as locked, into a cache folder outside the sources."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from card_service.tlv import decode_tlv_one

_SOURCES = Path(__file__).with_name("pkijs")
_FILES = ("package.json", "package-lock.json", "verify.mjs")
_INSTALL_S, _ASK_S = 110, 60


@dataclass(frozen=True)
class Opinion:
    """What PKI.js says of one security object."""

    content_type: str | None
    is_signature_right: bool
    leads_to_root: bool
    signers: int
    hashes: dict[int, bytes]
    fault: str | None

    @property
    def is_believed(self) -> bool:
        return self.is_signature_right and self.leads_to_root


def what_is_missing() -> str | None:
    """The reason why it cannot be asked, or None."""
    missing = [each for each in ("node", "npm") if shutil.which(each) is None]
    return f"not installed: {', '.join(missing)} (Debian: nodejs npm)" if missing else None


def installed_folder() -> Path:
    """The folder with the modules in it; ``npm ci`` runs when the lock is new. It needs the network once."""
    lock = hashlib.sha256(b"".join((_SOURCES / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    home = Path(os.environ.get("SINGLE_WINDOW_HOME", Path(__file__).parents[2] / "var"))
    folder = home / "cache" / f"pkijs-{lock}"
    if (folder / "complete").exists():
        return folder
    making = folder.with_name(f"{folder.name}.{os.getpid()}")
    making.mkdir(parents=True)
    for name in _FILES:
        shutil.copy(_SOURCES / name, making)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=making, capture_output=True, timeout=_INSTALL_S, check=True)
    (making / "complete").touch()
    try:
        making.rename(folder)
    except OSError:  # another test process was faster
        shutil.rmtree(making)
    return folder


def ask(sods: Sequence[tuple[bytes, bytes]], *, at: datetime) -> list[Opinion]:
    """What it says of each (EF.SOD, root)."""
    asked = [{"cms": _base64(_content_of(sod)), "roots": [_base64(root)], "at": at.isoformat()} for sod, root in sods]
    done = subprocess.run(
        ["node", "verify.mjs"],
        cwd=installed_folder(),
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=_ASK_S,
        check=True,
    )
    return [_opinion(each) for each in json.loads(done.stdout)]


def _opinion(raw: dict[str, object]) -> Opinion:
    hashes = raw["hashes"]
    assert isinstance(hashes, dict)
    return Opinion(
        content_type=None if raw["contentType"] is None else str(raw["contentType"]),
        is_signature_right=raw["signature"] is True,
        leads_to_root=raw["chain"] is True,
        signers=int(str(raw["signers"])),
        hashes={int(number): bytes.fromhex(digest) for number, digest in hashes.items()},
        fault=None if raw["fault"] is None else str(raw["fault"]),
    )


def _content_of(sod: bytes) -> bytes:
    return decode_tlv_one(sod).value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
