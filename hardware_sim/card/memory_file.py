"""A card's memory as a file: JSON, replaced as a whole, so that a killed simulator leaves the old or the new state."""

from __future__ import annotations

import base64
import fcntl
import json
import os
from pathlib import Path

from domain.errors import ProjectError

FORMAT = "single-window-virtual-card-1"


class CardFileUnreadable(ProjectError):
    """The file is missing, damaged, or no virtual card."""

    code = "sim.card_file_unreadable"

    def __init__(self, path: Path) -> None:
        super().__init__("The virtual card's file cannot be read", file=path.name)


class CardElsewhere(ProjectError):
    """The card lies in another reader: its file is held by another object or process."""

    code = "sim.card_elsewhere"

    def __init__(self, path: Path) -> None:
        super().__init__(f"The card {path.stem} lies in another reader", file=path.name)


class CardHold:
    """The right to power the card in a file; it ends with this process at the latest."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> CardHold:
        """Hold the card, or raise CardElsewhere."""
        # A file beside it, because the card's own file is replaced whenever its memory changes.
        descriptor = os.open(path.with_name(f".{path.name}.hold"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            os.close(descriptor)
            raise CardElsewhere(path) from held
        return cls(descriptor)

    def release(self) -> None:
        """Let the card go."""
        os.close(self._descriptor)


def save_segments(path: Path, segments: dict[str, bytes]) -> None:
    """Write the file and reach the disk before returning. It holds the card's private keys: owner only."""
    text = {name: base64.b64encode(data).decode("ascii") for name, data in segments.items()}
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump({"format": FORMAT, "segments": text}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_directory(path.parent)


def load_segments(path: Path) -> dict[str, bytes]:
    """The segments in the file."""
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        if content["format"] != FORMAT:
            raise CardFileUnreadable(path)
        return {name: base64.b64decode(text, validate=True) for name, text in content["segments"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as unreadable:
        raise CardFileUnreadable(path) from unreadable


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
