"""A service point's own gallery: the people of its area, searched before a card is written, network or none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from biometrics.index.packed_template import pack
from biometrics.index.search import SearchAnswer, SearchLimits, search
from biometrics.index.segment import Enrolled
from biometrics.index.shard import LocalShard
from biometrics.index.store import FingerIndex
from biometrics.template import Template

#: More candidates than an officer can look at help nobody.
_MOST_CANDIDATES = 10
#: While the family waits for the summary of what was entered.
DEFAULT_BUDGET_S = 2.0


class LocalGallery:
    """The people of an area, about 10,000, sealed in a directory. Close it, or use it as a context manager.

    Raises IndexBusy when another process has it open, IndexBroken when it does not open: then fill a new directory.
    """

    def __init__(self, directory: Path, key: bytes, now: Callable[[], float] = time.monotonic) -> None:
        self._index = FingerIndex(directory, key)
        self._now = now

    def __len__(self) -> int:
        """Number of people."""
        return self._index.snapshot.people

    def subjects(self) -> list[str]:
        """Everybody held, for comparing with what the registry's feed says."""
        return self._index.snapshot.subjects()

    def put(self, people: Mapping[str, Sequence[Template]]) -> None:
        """Holds these people with exactly these fingers; on disk when it returns. Give many at once."""
        self._index.put([Enrolled(subject, tuple(map(pack, fingers))) for subject, fingers in sorted(people.items())])

    def remove(self, subjects: Iterable[str]) -> int:
        """Forgets these people, and says how many of them were held."""
        return self._index.remove(subjects)

    def search(self, fingers: Sequence[Template], *, budget_s: float = DEFAULT_BUDGET_S) -> SearchAnswer:
        """People of the area who may be the one with these fingers, for a person to decide; never a refusal.

        All fingers are compared with all, whatever they were called. When the time is over the likeliest have been
        compared and ``is_complete`` is false: say "not checked whole", never "nobody found".
        """
        limits = SearchLimits(_MOST_CANDIDATES, time_s=budget_s)
        return search([LocalShard(self._index.snapshot)], fingers, limits, self._now)

    def close(self) -> None:
        """Lets another process open it."""
        self._index.close()

    def __enter__(self) -> LocalGallery:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
