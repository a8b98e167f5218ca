"""One person's fingers against everybody enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.matcher import PreparedTemplate, compare_prepared, prepare
from biometrics.template import Template
from biometrics.thresholds import FMR, fuse, threshold_for
from domain.fingers import FingerPosition

#: Weaker likenesses than this are found everywhere and only make the list long.
_REPORTED_FMR = FMR.ONE_IN_1_000


@dataclass(frozen=True, slots=True)
class FingerPair:
    """A probe finger that looks like an enrolled one, whatever either was called."""

    probe: FingerPosition
    reference: FingerPosition
    score: float


@dataclass(frozen=True, slots=True)
class GalleryCandidate:
    """An enrolled subject who may be the probe's person: for a human adjudicator, never a verdict.

    pairs hold each probe finger and each enrolled impression at most once, best first, all of them beyond one
    false match in a thousand comparisons. score orders candidates: the pairs' scores fused with zeros for the
    probe fingers that found nothing.
    """

    subject: str
    score: float
    pairs: tuple[FingerPair, ...]


@dataclass(frozen=True, slots=True)
class _Slot:
    position: FingerPosition
    prepared: PreparedTemplate


class Gallery:
    """Enrolled fingers by subject, in memory. Comparing is brute force, about 0.3 ms a pair on one core.

    Not safe for changing and searching from two threads at once.
    """

    def __init__(self) -> None:
        self._slots: dict[str, list[_Slot]] = {}

    def __len__(self) -> int:
        """Number of subjects."""
        return len(self._slots)

    def add(self, subject: str, template: Template) -> None:
        """Enrol one more impression of the subject; an empty template is kept and matches nothing."""
        self._slots.setdefault(subject, []).append(_Slot(template.position, prepare(template)))

    def remove(self, subject: str) -> None:
        """Forget the subject; unknown subjects are already forgotten."""
        self._slots.pop(subject, None)

    def search(self, probes: Sequence[Template], limit: int) -> list[GalleryCandidate]:
        """The likeliest subjects, best first, at most limit of them: every probe against every enrolled slot.

        Subjects without a pair beyond one false match in a thousand are left out. Equal scores are ordered by
        subject, so that the same question has the same answer everywhere.
        """
        prepared = [_Slot(probe.position, prepare(probe)) for probe in probes]
        found = (_judge(subject, prepared, slots) for subject, slots in self._slots.items())
        candidates = [candidate for candidate in found if candidate is not None]
        candidates.sort(key=lambda candidate: (-candidate.score, candidate.subject))
        return candidates[: max(0, limit)]


def _judge(subject: str, probes: Sequence[_Slot], slots: Sequence[_Slot]) -> GalleryCandidate | None:
    """One-to-one pairs of probe and enrolled fingers, strongest first."""
    least = threshold_for(_REPORTED_FMR)
    scored = [
        (compare_prepared(probe.prepared, slot.prepared), p, s)
        for p, probe in enumerate(probes)
        for s, slot in enumerate(slots)
    ]
    pairs: list[FingerPair] = []
    taken_probes: set[int] = set()
    taken_slots: set[int] = set()
    for score, p, s in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        if score < least:
            break
        if p not in taken_probes and s not in taken_slots:
            taken_probes.add(p)
            taken_slots.add(s)
            pairs.append(FingerPair(probes[p].position, slots[s].position, score))
    if not pairs:
        return None
    scores = [pair.score for pair in pairs] + [0.0] * (len(probes) - len(pairs))
    return GalleryCandidate(subject, fuse(scores), tuple(pairs))
