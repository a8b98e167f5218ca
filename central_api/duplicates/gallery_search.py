"""Every finger of a person against every finger enrolled, with the index and the matcher of the kiosks."""

from __future__ import annotations

import logging
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from biometrics.index.errors import IndexBroken, IndexBusy
from biometrics.index.packed_template import PackedTemplate, pack
from biometrics.index.search import SearchLimits, search
from biometrics.index.segment import Enrolled
from biometrics.index.shard import LocalShard
from biometrics.index.snapshot import Snapshot
from biometrics.index.store import FingerIndex
from biometrics.index.warming import warm_up_index
from biometrics.iso19794 import decode_record
from biometrics.template import Minutia, MinutiaKind, Template
from biometrics.thresholds import FMR, decide
from central_api.duplicates import finger_changes
from central_api.duplicates.finger_changes import Bookmark, decode_bookmark
from central_api.households.biometrics_repository import list_fingers, list_persons_with_fingers
from central_api.vault import Vault, template_place
from domain.fingers import FingerPosition
from domain.ids import PersonId

#: More candidates than an officer can look at help nobody.
MAX_CANDIDATES = 10
_FMR = FMR.ONE_IN_10_000
#: Persons opened and filed at a time when the index is built: bounds memory and the length of a query.
_AT_ONCE = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IndexPlace:
    """Where the index is kept between two runs, and the key that seals it there. repr hides the key."""

    directory: Path
    key: bytes

    def __repr__(self) -> str:
        return f"IndexPlace({self.directory.name})"


class GallerySearch:
    """The finger index of the registry. Templates are opened into it and never leave it.

    With a place it is kept on disk, sealed; without, or while another process of the registry writes there, in memory
    only. An index that does not open is thrown away and built again from the vault, which is the truth.
    """

    def __init__(self, place: IndexPlace | None = None) -> None:
        self._place = place
        self._store: FingerIndex | None = None
        self._memory = Snapshot()
        self._bookmark: Bookmark | None = None
        self._is_open = False
        self._lock = Lock()

    def warm_up(self) -> None:
        """Compiles or loads index and matcher, so that the first registration need not wait for them."""
        minutiae = tuple(Minutia(20 * n, 15 * n, 9 * n, MinutiaKind.RIDGE_ENDING, 50) for n in range(12))
        template = Template(256, 288, 500, FingerPosition.UNKNOWN, 50, minutiae)
        warm_up_index(template)

    def refresh(self, connection: Connection, vault: Vault) -> None:
        """Files whose fingers came, changed or went since the last time, as this transaction sees them.

        What a transaction changed that was rolled back afterwards is taken back the next time.
        """
        with self._lock:
            self._open()
            settled, bookmark = finger_changes.settled_before(connection), self._bookmark
            if bookmark is None or not finger_changes.is_known(connection, bookmark, settled):
                self._file_everybody(connection, vault, settled)
            else:
                self._file_news(connection, vault, bookmark, settled)

    def _file_everybody(self, connection: Connection, vault: Vault, settled: int) -> None:
        """All persons anew: for an index that is new, or that followed another database than this."""
        self._follow([], [], None)
        # Before the persons are listed: what is committed meanwhile is news the next time.
        unsettled = finger_changes.list_changes(connection, settled)
        persons = {*list_persons_with_fingers(connection), *map(PersonId, self._snapshot.subjects())}
        self._file(connection, vault, persons, finger_changes.bookmark_at(connection, settled, unsettled))

    def _file_news(self, connection: Connection, vault: Vault, bookmark: Bookmark, settled: int) -> None:
        changes = finger_changes.list_changes(connection, bookmark.before)
        seen = {change.id for change in changes}
        touched = {change.person_id for change in changes if change.id not in bookmark.above}
        rolled_back = {person_id for id_, person_id in bookmark.above.items() if id_ not in seen}
        unsettled = [change for change in changes if change.stamp >= settled]
        after = finger_changes.bookmark_at(connection, settled, unsettled)
        if touched or rolled_back:
            self._file(connection, vault, touched | rolled_back, after)
        else:
            # Not written down: whoever begins again from the older place finds nothing new there either.
            self._bookmark = after

    def _file(self, connection: Connection, vault: Vault, persons: set[PersonId], bookmark: Bookmark) -> None:
        """These persons as they are now; the bookmark moves with the last of them."""
        before, rows = self._bookmark, sorted(persons)
        for first in range(0, max(1, len(rows)), _AT_ONCE):
            people, gone = _open_fingers(connection, vault, rows[first : first + _AT_ONCE])
            self._follow(people, gone, bookmark if first + _AT_ONCE >= len(rows) else before)

    def search(self, probes: Sequence[Template]) -> dict[PersonId, int]:
        """Every probe against every enrolled slot: fingers get mixed up at enrolment."""
        snapshot = self._snapshot
        if not probes or not snapshot.people:
            return {}
        answer = search([LocalShard(snapshot)], probes, SearchLimits(MAX_CANDIDATES))
        found: dict[PersonId, int] = {}
        for candidate in answer.candidates:
            matching = {pair.probe for pair in candidate.pairs if decide(pair.score, fmr=_FMR)}
            if matching:
                found[PersonId(candidate.subject)] = len(matching)
        return found

    def close(self) -> None:
        """Lets another process of the registry keep the index."""
        if self._store is not None:
            self._store.close()

    @property
    def _snapshot(self) -> Snapshot:
        return self._memory if self._store is None else self._store.snapshot

    def _open(self) -> None:
        """Opens what is on disk at the first call."""
        if not self._is_open:
            if self._place is not None:
                self._store = _open_or_begin_anew(self._place)
            self._bookmark = None if self._store is None else decode_bookmark(self._store.bookmark)
            self._is_open = True

    def _follow(self, people: Sequence[Enrolled], gone: Sequence[str], bookmark: Bookmark | None) -> None:
        if self._store is None:
            changed = self._memory.put(people)
            self._memory = changed.remove(gone) if gone else changed
        else:
            self._store.follow(people, gone, "" if bookmark is None else bookmark.encode())
        self._bookmark = bookmark


def _open_fingers(
    connection: Connection, vault: Vault, persons: Sequence[PersonId]
) -> tuple[list[Enrolled], list[PersonId]]:
    """Those of the persons who have fingers, with them, and those who have none any more."""
    fingers = defaultdict[PersonId, list[PackedTemplate]](list)
    for finger in list_fingers(connection, persons):
        record = vault.open(finger.template, template_place(finger.person_id, finger.position))
        fingers[finger.person_id] += map(pack, decode_record(record))
    people = [Enrolled(person, tuple(fingers[person])) for person in persons if person in fingers]
    return people, [person for person in persons if person not in fingers]


def _open_or_begin_anew(place: IndexPlace) -> FingerIndex | None:
    try:
        return FingerIndex(place.directory, place.key)
    except IndexBusy:
        _log.warning("another process keeps the finger index; this one holds it in memory")
        return None
    except IndexBroken:
        _log.warning("the finger index does not open; it is built again from the vault")
        shutil.rmtree(place.directory)
        return FingerIndex(place.directory, place.key)
