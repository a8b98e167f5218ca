"""Fingers taken again: worn ones renewed, healed ones added, missing ones noted; told to the registry, sealed.

The card keeps what it holds until the next one is made; the registry compares with what it has, and keeps what is its
own doubt for somebody to look at. Nothing is asked twice: fingers known not to be there are left alone.
"""

from __future__ import annotations

import secrets

from card_service.data_groups import MemberRow
from card_service.verified_card import VerifiedCard
from domain.desk_policy import read_desk_policy
from domain.events import EventKind
from domain.fingers import FingerPosition
from domain.ids import make_uuid7
from domain.messages.enrolment import PersonCapture
from domain.messages.fingers import FingersRetaken
from domain.people import Person, PersonName
from enrolment.finger_capture import TakenFinger
from enrolment.hand_plan import HandPlan
from enrolment.submission import seal_fingers
from kiosk.flows.card_opening import note_reading
from kiosk.flows.enrol_fingers import take_fingers
from kiosk.flows.finger_exceptions import sign_exceptions
from kiosk.flows.finger_strangers import SAME_FINGER_FMR, KnownFingers
from kiosk.flows.finger_swaps import SwapFound, decide_swap
from kiosk.flows.holder_identification import Identified, Ladder, identify
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, STOP, success
from kiosk.flows.racing import answer_or
from kiosk.flows.serve_holder import verified_card
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.journal import Happening
from kiosk.ui import Answer, Ui

_ID_RANDOM_BYTES = 10
_TITLE = t("retake.title")


async def retake_fingers(work: Workplace, ui: Ui, officer: Officer) -> None:
    """From the holder's card to renewed fingers at the registry. Raises FlowLeft and card errors."""
    if read_desk_policy(work.store.bundles.current.settings).is_token_only:
        await ui.ask(_notice(t("error.fingers_on_card_only"), "card", mood=Mood.INFO))
        return
    card = await _open(work, ui)
    who = await identify(work, ui, card, Ladder(), with_pin=False)
    if who is None:
        raise FlowLeft("nobody on the card is here")
    person = _person(who.member)
    if not person.gives_fingers(on=work.store.clock.today()):
        await ui.ask(_notice(t("retake.too_young"), "child", mood=Mood.INFO))
        return
    known = await _read_known(work, card, who.member)
    plan = await take_fingers(work, ui, person, _begin(work, person), _keep_nothing, known)
    plan = await sign_exceptions(work, ui, verbatim(who.member.name), plan, officer.operator_id)
    if not plan.done and not plan.excepted:
        raise FlowLeft("nothing was taken")
    capture_id = _tell(work, card, who, officer, plan)
    await _settle_names(work, ui, officer, SwapFound(capture_id, person.id, await _count_swapped(work, plan, known)))
    work.sync.nudge()
    await ui.ask(success(_TITLE, t("retake.done"), icon="finger"))


async def _open(work: Workplace, ui: Ui) -> VerifiedCard:
    if not work.holder_watcher.is_present:
        ui.show(_notice(t("retake.put_card"), "card_insert", mood=Mood.INFO))
        if isinstance(await answer_or(ui, work.holder_watcher.wait_present()), Answer):
            raise FlowLeft("no card")
    card = await verified_card(work, ui)
    if card is None:
        raise FlowLeft("the card was not verified")
    return card


def _person(member: MemberRow) -> Person:
    name = PersonName(latin=member.name, local=member.name)
    return Person(id=member.person_id, name=name, sex=member.sex, born=member.born)


def _begin(work: Workplace, person: Person) -> HandPlan:
    known, today = work.store.fingers_known.find(person.id), work.store.clock.today()
    return HandPlan(left_alone=() if known is None else tuple(sorted(known.left_alone(on=today))))


async def _read_known(work: Workplace, card: VerifiedCard, member: MemberRow) -> KnownFingers:
    """The member's fingers as the card holds them, and those of the others on it."""
    credential = work.credential
    rows = [row for row in card.details.members if row.fingers]

    def read() -> dict[int, bytes | None]:
        return {row.index: card.read_templates(credential, row.index) for row in rows}

    found = await work.holder_reader.proceed(read)
    if found:
        note_reading(work, "templates.read", card.card_number)
    others = [
        (str(row.person_id), record)
        for row in rows
        if row.index != member.index and (record := found[row.index]) is not None
    ]
    return KnownFingers(others, found.get(member.index))


def _keep_nothing(_: HandPlan) -> None:
    """A retake that is broken off begins anew: nothing was promised."""


def _tell(work: Workplace, card: VerifiedCard, who: Identified, officer: Officer, plan: HandPlan) -> str:
    """Sealed and in the outbox; the capture's id."""
    store = work.store
    now = store.clock.now()
    capture_id = make_uuid7(unix_ms=int(now.timestamp() * 1000), random=secrets.token_bytes(_ID_RANDOM_BYTES))
    retaken = FingersRetaken(
        capture_id=capture_id,
        kiosk_id=store.kiosk_id,
        operator_id=officer.operator_id,
        card_number=card.card_number,
        verified_by=who.verified_by,
        capture=plan.added_to(PersonCapture(person_id=who.member.person_id, portrait=None)),
        captured_at=now,
    )
    sealed = seal_fingers(retaken, store.bundles.current.enrolment_key)
    store.journal.record(Happening(EventKind.FINGERS_RETAKEN, sealed, card.card_number, officer.operator_id))
    return capture_id


async def _count_swapped(work: Workplace, plan: HandPlan, known: KnownFingers) -> int:
    """Fingers that were taken although the card knows them by another name."""
    if known.earlier is None:
        return 0
    return sum([await _is_swapped(work, each, known.earlier) for each in plan.done])


async def _is_swapped(work: Workplace, finger: TakenFinger, earlier: bytes) -> bool:
    (like,) = await work.biometrics.likeness(finger.better.template, [earlier])
    is_other = like.position not in (finger.position, FingerPosition.UNKNOWN)
    return is_other and like.false_match_rate <= SAME_FINGER_FMR


async def _settle_names(work: Workplace, ui: Ui, officer: Officer, found: SwapFound) -> None:
    if found.count:
        await decide_swap(work, ui, officer.operator_id, found)


def _notice(body: Text, icon: str, *, mood: Mood) -> Notice:
    actions = (STOP,) if icon == "card_insert" else (OK,)
    return Notice(title=_TITLE, mood=mood, body=body, speak=body, icon=icon, actions=actions, timeout_s=None)
