"""What is known of a holder's fingers, here and at the registry, so that the right one is asked for next time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from card_service.data_groups import MemberRow
from domain.card_number import CardNumber
from domain.events import EventKind
from domain.finger_rank import FingerOutcome, RankedFinger, rerank
from domain.fingers import FingerPosition
from domain.messages.fingers import FingersTried
from domain.record import Record
from domain.verification import RungOutcome, RungTried
from domain.visit_limits import TRIES_A_VISIT
from kiosk.flows.workplace import Workplace
from kiosk.store.journal import Happening

#: The newest tries of a person; older ones weigh little anyhow.
_REMEMBERED = 24
#: The card gives an order and no figures: its fingers count as ordinary ones.
_ORDINARY_QUALITY = 60
_ORDINARY_EVIDENCE = 50
_TELLING = frozenset({RungOutcome.MATCHED, RungOutcome.NOT_MATCHED, RungOutcome.BAD_CAPTURE})


class FingerMemory(Record):
    """Outcomes by finger, the oldest first. No score and no template."""

    outcomes: tuple[FingerOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose fingers are asked for, the best first; nobody's where none on the card can be given."""

    holder: MemberRow
    fingers: tuple[FingerPosition, ...]


def whom_to_ask(work: Workplace, members: Sequence[MemberRow]) -> Asked | None:
    """The first member with a finger that can be given. Anybody on the card may lay down theirs all the same."""
    asked = (Asked(row, best_fingers(work, row)) for row in members)
    return next((each for each in asked if each.fingers), None)


def best_fingers(work: Workplace, holder: MemberRow) -> tuple[FingerPosition, ...]:
    """The holder's fingers as the registry ranks them (else the card), changed where this desk clearly knows better;
    without those that are known not to be there."""
    known, memory = work.store.fingers_known.find(holder.person_id), _recall(work, holder)
    order, new = holder.fingers, memory.outcomes
    left_alone: frozenset[FingerPosition] = frozenset()
    if known is not None:
        order = tuple(sorted(order, key=lambda each: known.order.index(each) if each in known.order else len(order)))
        new = tuple(each for each in new if known.learnt_until is None or each.at > known.learnt_until)
        left_alone = known.left_alone(on=work.store.clock.today())
    ordinary = [
        RankedFinger(position=each, quality=_ORDINARY_QUALITY, pair_evidence=_ORDINARY_EVIDENCE) for each in order
    ]
    ranked = rerank(order, ordinary, new, at=work.store.clock.now())
    return tuple(each for each in ranked if each not in left_alone)


def remember_fingers(work: Workplace, number: CardNumber, holder: MemberRow, tried: Sequence[RungTried]) -> None:
    """Keeps how the holder's fingers did, and tells the registry, once it is certain that it was the holder who tried.

    Together: a desk that learns alone would know what no other desk can.
    """
    now = work.store.clock.now()
    new = tuple(
        FingerOutcome(position=each.finger, is_match=each.outcome is RungOutcome.MATCHED, at=now)
        for each in tried
        if each.finger is not None and each.outcome in _TELLING
    )[-TRIES_A_VISIT:]
    if not new:
        return
    kept = FingerMemory(outcomes=(*_recall(work, holder).outcomes, *new)[-_REMEMBERED:])
    told = FingersTried(card_number=number, person_id=holder.person_id, tries=new)
    with work.store.journal.entry() as entry:
        entry.add(Happening(EventKind.FINGERS_TRIED, told, number, work.operator_id))
        work.store.meta.put(_name(holder), kept.model_dump_json())


def _recall(work: Workplace, holder: MemberRow) -> FingerMemory:
    kept = work.store.meta.find(_name(holder))
    return FingerMemory() if kept is None else FingerMemory.model_validate_json(kept)


def _name(holder: MemberRow) -> str:
    return f"fingers/{holder.person_id}"
