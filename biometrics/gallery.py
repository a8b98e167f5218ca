"""One person's fingers against everybody enrolled."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.index.candidate import FingerPair, GalleryCandidate
from biometrics.index.merging import plan_merge
from biometrics.index.packed_template import PackedTemplate, pack
from biometrics.index.search import SearchLimits, search
from biometrics.index.segment import Enrolled
from biometrics.index.shard import LocalShard
from biometrics.index.snapshot import Snapshot
from biometrics.template import Template

__all__ = ["FingerPair", "Gallery", "GalleryCandidate"]


class Gallery:
    """Enrolled fingers by subject, in memory only: the index without a disk.

    What was added is filed at the next search. Not safe for changing and searching from two threads at once.
    """

    def __init__(self) -> None:
        self._fingers: dict[str, tuple[PackedTemplate, ...]] = {}
        self._unfiled: set[str] = set()
        self._snapshot = Snapshot()

    def __len__(self) -> int:
        """Number of subjects."""
        return len(self._fingers)

    def add(self, subject: str, template: Template) -> None:
        """Enrol one more impression of the subject; an empty template is kept and matches nothing."""
        self._fingers[subject] = (*self._fingers.get(subject, ()), pack(template))
        self._unfiled.add(subject)

    def remove(self, subject: str) -> None:
        """Forget the subject; unknown subjects are already forgotten."""
        self._fingers.pop(subject, None)
        self._unfiled.discard(subject)
        self._snapshot = self._snapshot.remove([subject])

    def search(self, probes: Sequence[Template], limit: int) -> list[GalleryCandidate]:
        """The likeliest subjects, best first, at most limit of them: every probe against every enrolled slot.

        Subjects without a pair beyond one false match in a thousand are left out. Equal scores are ordered by
        subject, so that the same question has the same answer everywhere.
        """
        self._file()
        return list(search([LocalShard(self._snapshot)], probes, SearchLimits(limit)).candidates)

    def _file(self) -> None:
        if self._unfiled:
            people = [Enrolled(subject, self._fingers[subject]) for subject in sorted(self._unfiled)]
            self._snapshot = self._snapshot.put(people)
            self._unfiled.clear()
        while chosen := plan_merge(self._snapshot.parts):
            self._snapshot = self._snapshot.merge(chosen)
