"""The few things the index does to files, so that a test can cut the power between any two of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

_OWNER_ONLY = 0o600


class Disk(Protocol):
    """Files of one directory. What was not synced may be lost or torn when the power fails."""

    def write(self, file: Path, pieces: Iterable[bytes]) -> None:
        """A new file; an older one of that name is replaced."""

    def sync(self, file: Path) -> None:
        """The file's bytes are on the disk when this returns; for a directory, the names in it."""

    def rename(self, file: Path, target: Path) -> None:
        """Puts the file in the place of the target, at once."""

    def remove(self, file: Path) -> None:
        """Removes the file, if it is there."""


class RealDisk:
    """The operating system's."""

    def write(self, file: Path, pieces: Iterable[bytes]) -> None:
        """Readable by the owner only."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as stream:
            for piece in pieces:
                stream.write(piece)

    def sync(self, file: Path) -> None:
        """fsync, of a directory as well."""
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, file: Path, target: Path) -> None:
        """Atomic on POSIX file systems."""
        os.replace(file, target)

    def remove(self, file: Path) -> None:
        """Nothing happens when it is not there."""
        file.unlink(missing_ok=True)
