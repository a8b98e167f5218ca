"""One person's fingers against everybody enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.template import Template
from domain.errors import NotAvailableYet
from domain.fingers import FingerPosition


@dataclass(frozen=True, slots=True)
class FingerPair:
    """A probe finger that looks like an enrolled one, whatever either was called."""

    probe: FingerPosition
    reference: FingerPosition
    score: float


@dataclass(frozen=True, slots=True)
class GalleryCandidate:
    """An enrolled subject who may be the probe's person; for a human adjudicator, never a verdict."""

    subject: str
    score: float
    pairs: tuple[FingerPair, ...]


class Gallery:
    """Enrolled fingers by subject."""

    def add(self, subject: str, template: Template) -> None:
        """Enrol one more impression of the subject."""
        raise NotAvailableYet("gallery")

    def remove(self, subject: str) -> None:
        """Forget the subject; unknown subjects are already forgotten."""
        raise NotAvailableYet("gallery")

    def search(self, probes: Sequence[Template], limit: int) -> list[GalleryCandidate]:
        """The likeliest subjects, best first, at most limit of them."""
        raise NotAvailableYet("gallery")
