"""Every finger of a person against every finger enrolled, with the matcher of the kiosks."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from sqlalchemy import Connection

from biometrics.gallery import Gallery
from biometrics.iso19794 import decode_record
from biometrics.template import Minutia, MinutiaKind, Template
from biometrics.thresholds import FMR, decide
from central_api.households.biometrics_repository import list_fingers, list_persons_with_fingers
from central_api.vault import Vault, template_place
from domain.fingers import FingerPosition
from domain.ids import PersonId

#: More candidates than an officer can look at help nobody.
MAX_CANDIDATES = 10
_FMR = FMR.ONE_IN_10_000


class GallerySearch:
    """The gallery in memory. Templates are opened into it and never leave it."""

    def __init__(self) -> None:
        self._gallery = Gallery()
        self._held: set[PersonId] = set()
        self._lock = Lock()

    def warm_up(self) -> None:
        """Compiles or loads the matcher, so that the first registration need not wait for it."""
        minutiae = tuple(Minutia(20 * n, 15 * n, 9 * n, MinutiaKind.RIDGE_ENDING, 50) for n in range(12))
        template = Template(256, 288, 500, FingerPosition.UNKNOWN, 50, minutiae)
        gallery = Gallery()
        gallery.add("warm-up", template)
        gallery.search([template], 1)

    def refresh(self, connection: Connection, vault: Vault) -> None:
        """Opens the templates of persons not held yet. Registrations take turns, so none is missed.

        Somebody whose fingers were erased (token-only mode) is in memory no longer than until the next search.
        """
        with self._lock:
            enrolled = list_persons_with_fingers(connection)
            if not self._held.issubset(enrolled):
                self._gallery, self._held = Gallery(), set()
            new = [person for person in enrolled if person not in self._held]
            for finger in list_fingers(connection, new) if new else ():
                record = vault.open(finger.template, template_place(finger.person_id, finger.position))
                for template in decode_record(record):
                    self._gallery.add(finger.person_id, template)
            self._held.update(new)

    def search(self, probes: Sequence[Template]) -> dict[PersonId, int]:
        """Every probe against every enrolled slot: fingers get mixed up at enrolment."""
        if not probes or not self._held:
            return {}
        with self._lock:
            candidates = self._gallery.search(probes, MAX_CANDIDATES)
        found: dict[PersonId, int] = {}
        for candidate in candidates:
            matching = {pair.probe for pair in candidate.pairs if decide(pair.score, fmr=_FMR)}
            if matching:
                found[PersonId(candidate.subject)] = len(matching)
        return found
