"""Heads of the chains, signed and written outside the database: whoever rewrites the database can not rewrite these."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from central_api.audit.repository import list_heads
from central_api.context import Registry
from domain.errors import ProjectError

_PREFIX = "single-window/audit-anchor/1|"


class AnchorsDamaged(ProjectError):
    """A line of the anchors file is no signed head: somebody wrote there who was not the registry."""

    code = "audit.anchors_damaged"
    message_key = "error.audit_anchors_damaged"


@dataclass(frozen=True, slots=True)
class Anchor:
    """This stream had this hash at this sequence."""

    stream: str
    sequence: int
    hash: str

    def signed_bytes(self) -> bytes:
        return f"{_PREFIX}{self.stream}|{self.sequence}|{self.hash}".encode()


def write_anchors(registry: Registry) -> int:
    """How many heads were new and are now signed in the file (one JSON object a line)."""
    known = {(anchor.stream, anchor.sequence) for anchor in read_anchors(registry)}
    with registry.database.read() as connection:
        heads = list_heads(connection)
    new = [
        Anchor(stream, head.sequence, head.hash)
        for stream, head in sorted(heads.items())
        if head.sequence and (stream, head.sequence) not in known
    ]
    if new:
        _append(registry.settings.anchors_file, [_encode(anchor, registry) for anchor in new])
    return len(new)


def read_anchors(registry: Registry) -> list[Anchor]:
    """Every anchor written so far; AnchorsDamaged when one is not the registry's."""
    file = registry.settings.anchors_file
    if not file.exists():
        return []
    key = Ed25519PublicKey.from_public_bytes(registry.trust.receipt_key)
    return [_decode(line, key) for line in file.read_text("utf-8").splitlines()]


def _encode(anchor: Anchor, registry: Registry) -> str:
    signature = registry.trust.sign_receipt(anchor.signed_bytes()).hex()
    plain = {"stream": anchor.stream, "sequence": anchor.sequence, "hash": anchor.hash, "signature": signature}
    return json.dumps(plain, sort_keys=True)


def _decode(line: str, key: Ed25519PublicKey) -> Anchor:
    try:
        plain = json.loads(line)
        anchor = Anchor(str(plain["stream"]), int(plain["sequence"]), str(plain["hash"]))
        key.verify(bytes.fromhex(plain["signature"]), anchor.signed_bytes())
    except (ValueError, KeyError, TypeError, InvalidSignature) as error:
        raise AnchorsDamaged("a line of the anchors file is no signed head") from error
    return anchor


def _append(file: Path, lines: list[str]) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.writelines(line + "\n" for line in lines)
        stream.flush()
        os.fsync(stream.fileno())
