"""What this desk remembers of a holder's fingers: which ones matched, so that the right one is asked for next time."""

from __future__ import annotations

from collections.abc import Sequence

from card_service.data_groups import MemberRow
from domain.finger_rank import FingerOutcome, RankedFinger, rerank
from domain.fingers import FingerPosition
from domain.record import Record
from domain.verification import RungOutcome, RungTried
from kiosk.flows.workplace import Workplace

#: The newest tries of a person; older ones weigh little anyhow.
_REMEMBERED = 24
#: The card gives an order and no figures: its fingers count as ordinary ones.
_ORDINARY_QUALITY = 60
_ORDINARY_EVIDENCE = 50
_TELLING = frozenset({RungOutcome.MATCHED, RungOutcome.NOT_MATCHED, RungOutcome.BAD_CAPTURE})


class FingerMemory(Record):
    """Outcomes by finger, the oldest first. No score and no template."""

    outcomes: tuple[FingerOutcome, ...] = ()


def best_fingers(work: Workplace, holder: MemberRow) -> tuple[FingerPosition, ...]:
    """The holder's fingers in the order of the card, changed where this desk clearly knows better."""
    memory = _recall(work, holder)
    ordinary = [
        RankedFinger(position=each, quality=_ORDINARY_QUALITY, pair_evidence=_ORDINARY_EVIDENCE)
        for each in holder.fingers
    ]
    return rerank(holder.fingers, ordinary, memory.outcomes, at=work.store.clock.now())


def remember_fingers(work: Workplace, holder: MemberRow, tried: Sequence[RungTried]) -> None:
    """Keeps how the holder's fingers did, once it is certain that it was the holder who tried."""
    now = work.store.clock.now()
    new = [
        FingerOutcome(position=each.finger, is_match=each.outcome is RungOutcome.MATCHED, at=now)
        for each in tried
        if each.finger is not None and each.outcome in _TELLING
    ]
    kept = FingerMemory(outcomes=(*_recall(work, holder).outcomes, *new)[-_REMEMBERED:])
    with work.store.database.transaction():
        work.store.meta.put(_name(holder), kept.model_dump_json())


def _recall(work: Workplace, holder: MemberRow) -> FingerMemory:
    kept = work.store.meta.find(_name(holder))
    return FingerMemory() if kept is None else FingerMemory.model_validate_json(kept)


def _name(holder: MemberRow) -> str:
    return f"fingers/{holder.person_id}"
