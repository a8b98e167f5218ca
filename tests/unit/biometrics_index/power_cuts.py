"""A disk whose power fails: what was written and not synced is lost, torn or kept, at the disk's whim.

The model: a file's bytes are safe after it was synced; a rename or removal is safe after its directory was synced.
Until then a file may hold any beginning of what was written, and a name may be the old or the new one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from biometrics.index.disk import RealDisk


class PowerCut(Exception):
    """The machine is off."""


@dataclass
class FailingDisk:
    """Works like the real one for so many steps, then the power is gone for good."""

    steps: int
    real: RealDisk = field(default_factory=RealDisk)
    unsynced: dict[Path, int] = field(default_factory=dict)
    """Files whose bytes may be lost, with the number of bytes that are safe."""
    undecided: list[tuple[Path, bytes | None]] = field(default_factory=list)
    """Names changed since their directory was synced, with what the name led to before."""
    is_lying: bool = False
    """The planted bug: a disk whose files are never really synced."""

    def _step(self) -> None:
        if self.steps == 0:
            raise PowerCut
        self.steps -= 1

    def write(self, file: Path, pieces: Iterable[bytes]) -> None:
        content = list(pieces)
        if self.steps == 0:
            # The power goes while the file is written: half of it has left the program.
            half = b"".join(content)
            self.real.write(file, [half[: len(half) // 2]])
            self.unsynced[file] = 0
        self._step()
        self.real.write(file, content)
        self.unsynced[file] = 0

    def sync(self, file: Path) -> None:
        self._step()
        if file.is_dir():
            self.undecided.clear()
        elif not self.is_lying:
            self.unsynced.pop(file, None)

    def rename(self, file: Path, target: Path) -> None:
        self._step()
        self.undecided.append((target, target.read_bytes() if target.exists() else None))
        self.real.rename(file, target)
        if file in self.unsynced:
            self.unsynced[target] = self.unsynced.pop(file)
        else:
            self.unsynced.pop(target, None)

    def remove(self, file: Path) -> None:
        self._step()
        self.undecided.append((file, file.read_bytes() if file.exists() else None))
        self.real.remove(file)

    def outcomes(self) -> Iterator[dict[Path, bytes | None]]:
        """What may stand on the disk when the power is back, as changes to what stands there now."""
        torn: list[list[tuple[Path, bytes | None]]] = []
        for file in self.unsynced:
            if file.exists():
                whole = file.read_bytes()
                torn.append([(file, whole[:length]) for length in sorted({0, len(whole) // 2, len(whole)})])
        # Names fall back from the newest on: a directory's changes reach the disk in their order.
        for kept in range(len(self.undecided) + 1):
            back = dict(reversed(self.undecided[kept:]))
            for choice in product(*torn):
                yield {**dict(choice), **back}


def apply(outcome: dict[Path, bytes | None]) -> None:
    for file, content in outcome.items():
        if content is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(content)
            os.chmod(file, 0o600)
