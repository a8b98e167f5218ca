"""The shortlisted compared one to one: what the votes suggested, the matcher decides."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.index.candidate import FingerPair, GalleryCandidate
from biometrics.index.packed_template import PackedTemplate, prepare_packed
from biometrics.index.segment import Segment
from biometrics.index.shortlist import Shortlist
from biometrics.index.snapshot import Snapshot
from biometrics.matcher import PreparedTemplate, compare_prepared
from biometrics.thresholds import FMR, fuse, threshold_for
from domain.fingers import FingerPosition

#: Weaker likenesses than this are found everywhere and only make the list long.
_REPORTED_FMR = FMR.ONE_IN_1_000

#: With so few pairs of fingers all of them are compared: looking at the votes first would spare nothing.
_FEW_PAIRS = 2


class Judge:
    """The probe's fingers, made ready once."""

    def __init__(self, fingers: Sequence[PackedTemplate]) -> None:
        self._positions = [finger.position for finger in fingers]
        self._probes = [prepare_packed(finger) for finger in fingers]

    def judge(self, snapshot: Snapshot, chosen: Shortlist, *, whole: bool) -> list[GalleryCandidate]:
        """Those of the chosen who have a pair beyond one false match in a thousand, in the order given.

        Unless whole, each probe meets the enrolled finger with its votes first, and only where one of them matches
        every probe meets every finger.
        """
        judged = (
            self._judge(snapshot.parts[part].segment, entry, slots, whole)
            for part, entry, slots in zip(
                chosen.parts.tolist(), chosen.entries.tolist(), chosen.slots.tolist(), strict=True
            )
        )
        return [candidate for candidate in judged if candidate is not None]

    def _judge(self, segment: Segment, entry: int, best: Sequence[int], whole: bool) -> GalleryCandidate | None:
        prepared: dict[int, PreparedTemplate] = {}

        def score(probe: int, slot: int) -> float:
            if slot not in prepared:
                prepared[slot] = prepare_packed(segment.finger(slot))
            return compare_prepared(self._probes[probe], prepared[slot])

        slots = segment.slots_of(entry)
        is_whole = whole or len(self._probes) * len(slots) <= _FEW_PAIRS
        known = {} if is_whole else {(probe, slot): score(probe, slot) for probe, slot in enumerate(best)}
        if known and max(known.values()) < threshold_for(_REPORTED_FMR):
            return None
        for probe in range(len(self._probes)):
            for slot in slots:
                if (probe, slot) not in known:
                    known[probe, slot] = score(probe, slot)
        reference = {slot: FingerPosition(int(segment.positions[slot])) for slot in slots}
        return _one_to_one(segment.subject(entry), self._positions, reference, known)


def _one_to_one(
    subject: str,
    probes: Sequence[FingerPosition],
    references: dict[int, FingerPosition],
    scores: dict[tuple[int, int], float],
) -> GalleryCandidate | None:
    """Pairs of probe and enrolled fingers, strongest first, each finger once."""
    least = threshold_for(_REPORTED_FMR)
    pairs: list[FingerPair] = []
    taken_probes, taken_slots = set[int](), set[int]()
    for (probe, slot), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
        if score < least:
            break
        if probe not in taken_probes and slot not in taken_slots:
            taken_probes.add(probe)
            taken_slots.add(slot)
            pairs.append(FingerPair(probes[probe], references[slot], score))
    if not pairs:
        return None
    fused = fuse([pair.score for pair in pairs] + [0.0] * (len(probes) - len(pairs)))
    return GalleryCandidate(subject, fused, tuple(pairs))
