"""A kiosk that records without end and says so after each commit, until it is killed. Run by test_killed_kiosk."""

from __future__ import annotations

import sys
from pathlib import Path

from domain.events import EventKind
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from kiosk.store.journal import Happening
from kiosk.store.kiosk_store import KioskStore, open_database
from tests.unit.kiosk_core.kiosk_home import A_DAY


def main(home: Path, *, says_saved_too_early: bool) -> None:
    store = KioskStore(open_database(home), time_source=lambda: A_DAY)
    while True:
        with store.journal.entry() as entry:
            number = store.next_grievance_number()
            grievance = Grievance(
                number=number,
                channel=GrievanceChannel.KIOSK,
                reason=GrievanceReason.OTHER,
                area=store.identity.area,
                lodged_at=A_DAY,
            )
            entry.add(Happening(EventKind.GRIEVANCE_LODGED, grievance, number, None))
            if says_saved_too_early:
                _say(number)
        if not says_saved_too_early:
            _say(number)


def _say(number: str) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), says_saved_too_early=sys.argv[2] == "early")
