"""The ladder by which somebody on a card shows who they are: best finger, other finger, PIN, face and officer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from card_service.data_groups import MemberRow
from card_service.verified_card import VerifiedCard
from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.sensors import SensorIdentity
from domain.verification import TRIES_A_FINGER, FaceJudgement, Rung, RungOutcome, RungTried, VerifiedBy
from domain.visit_limits import MemberLikeness, Recognised, VisitEvidence
from kiosk.devices.failure import DeviceFailed
from kiosk.flows.card_opening import note_reading
from kiosk.flows.face_check import YOUNGEST_COLLECTOR_YEARS, check_face
from kiosk.flows.finger_memory import Asked, remember_fingers, whom_to_ask
from kiosk.flows.finger_reading import NobodyThere, Reading, await_lifted, read_finger
from kiosk.flows.finger_strangers import note_operators_finger
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import device_problem, is_again
from kiosk.flows.pin_check import check_pin
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action
from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import t, verbatim
from kiosk.ui import Answer, Ui

_OTHER_FINGER = Action("other_finger", t("serve.other_finger"), "finger")
_HELPER = Action("helper", t("serve.ask_helper"), "help")


@dataclass(frozen=True, slots=True)
class Identified:
    """The member in front of the desk, and how they were verified."""

    member: MemberRow
    verified_by: VerifiedBy


@dataclass(slots=True)
class Ladder:
    """What was tried so far; kept for the register whatever comes of it."""

    tried: list[RungTried] = field(default_factory=list)
    evidence: VisitEvidence = field(default_factory=VisitEvidence, repr=False)

    def note(
        self,
        rung: Rung,
        outcome: RungOutcome,
        finger: FingerPosition | None = None,
        sensor: SensorIdentity | None = None,
        face: FaceJudgement | None = None,
    ) -> None:
        attempt = 1 + sum(each.rung is rung for each in self.tried)
        self.tried.append(
            RungTried(rung=rung, attempt=attempt, outcome=outcome, finger=finger, sensor=sensor, face=face)
        )

    @property
    def rungs(self) -> tuple[RungTried, ...]:
        return tuple(self.tried)


async def identify(
    work: Workplace, ui: Ui, card: VerifiedCard, ladder: Ladder, *, with_pin: bool = True
) -> Identified | None:
    """Who of the household stands here; None when every rung was tried in vain. Raises FlowLeft.

    ``with_pin``: whether the card's PIN, where one is set, stands for its first member.
    """
    templates = await _read_templates(work, card)
    asked, begun = whom_to_ask(work, [row for row, _ in templates]), len(ladder.tried)
    for rung, position in _finger_rungs(asked):
        assert asked is not None, "a finger is asked of somebody"
        found = await _try_rung(work, ui, templates, asked.holder, ladder, rung, position)
        if isinstance(found, Identified):
            _learn(work, card, asked, found.member, ladder.tried[begun:])
            return found
        if found is _GO_TO_HELPER:
            break
    if with_pin and await check_pin(work, ui, card, ladder.note):
        return Identified(card.details.members[0], VerifiedBy.PIN)
    checked = await check_face(work, ui, card)
    outcome = RungOutcome.NOT_MATCHED if checked.member is None else RungOutcome.MATCHED
    ladder.note(Rung.FACE_AND_OFFICER, outcome, face=checked.judgement)
    if checked.member is None:
        return None
    _learn(work, card, asked, checked.member, ladder.tried[begun:])
    return Identified(checked.member, VerifiedBy.FACE_AND_OFFICER)


class _GoToHelper:
    """The person, or a broken sensor, asks for the helper."""


_GO_TO_HELPER = _GoToHelper()


async def _read_templates(work: Workplace, card: VerifiedCard) -> list[tuple[MemberRow, bytes]]:
    """Members who may collect, with their fingers; the holder first."""
    credential, today = work.credential, work.store.clock.today()
    rows = [row for row in card.details.members if row.born.age_years(on=today) >= YOUNGEST_COLLECTOR_YEARS]

    def read() -> list[tuple[MemberRow, bytes]]:
        found = [(row, card.read_templates(credential, row.index)) for row in rows if row.fingers]
        return [(row, templates) for row, templates in found if templates is not None]

    templates = await work.holder_reader.proceed(read)
    if templates:
        note_reading(work, "templates.read", card.card_number)
    return templates


def _finger_rungs(asked: Asked | None) -> list[tuple[Rung, FingerPosition]]:
    """The best finger and the next one; none where no finger on the card can be given."""
    return [] if asked is None else list(zip((Rung.BEST_FINGER, Rung.OTHER_FINGER), asked.fingers, strict=False))


def _learn(
    work: Workplace, card: VerifiedCard, asked: Asked | None, who: MemberRow, tried: Sequence[RungTried]
) -> None:
    """Only of the one whose fingers were asked for: of anybody else's nobody knows which finger it was."""
    if asked is not None and who.index == asked.holder.index:
        remember_fingers(work, card.card_number, who, tried)


async def _try_rung(
    work: Workplace,
    ui: Ui,
    templates: list[tuple[MemberRow, bytes]],
    holder: MemberRow,
    ladder: Ladder,
    rung: Rung,
    position: FingerPosition,
) -> Identified | _GoToHelper | None:
    """Up to three tries of one finger; None when they are used up or the person wants another finger."""
    attempt = 1
    while attempt <= TRIES_A_FINGER:
        try:
            reading = await read_finger(work, ui, _screen(holder, rung, position, attempt))
            if isinstance(reading, NobodyThere):
                raise FlowLeft("nobody placed a finger")
            if isinstance(reading, Answer):
                return _after_touch(reading, ladder, rung)
            found = await _find_member(work, reading, templates, ladder, position)
        except DeviceFailed as failure:
            ladder.note(rung, RungOutcome.DEVICE_FAILED, position)
            if is_again(await ui.ask(device_problem(failure))):
                continue
            return _GO_TO_HELPER
        if found is not None:
            ladder.note(rung, RungOutcome.MATCHED, position, reading.sensor)
            by = VerifiedBy.FINGER if rung is Rung.BEST_FINGER else VerifiedBy.OTHER_FINGER
            member = templates[found.member][0]
            return Identified(member, VerifiedBy.TWO_FINGERS if found.by_two_fingers else by)
        missed = RungOutcome.NOT_MATCHED if reading.template else RungOutcome.BAD_CAPTURE
        ladder.note(rung, missed, None if reading.is_other_finger else position, reading.sensor)
        attempt += 1
        await await_lifted(work)
    return None


def _after_touch(answer: Answer, ladder: Ladder, rung: Rung) -> _GoToHelper | None:
    if answer.action == _OTHER_FINGER.id:
        ladder.note(rung, RungOutcome.DECLINED)
        return None
    if answer.action == _HELPER.id:
        ladder.note(rung, RungOutcome.DECLINED)
        return _GO_TO_HELPER
    raise FlowLeft("left at the finger")


async def _find_member(
    work: Workplace,
    reading: Reading,
    templates: list[tuple[MemberRow, bytes]],
    ladder: Ladder,
    asked: FingerPosition,
) -> Recognised | None:
    """Who it is by all tries of this visit, whose chance of a false match is bounded as a whole."""
    if not reading.template:
        return None
    found = await work.biometrics.likeness(reading.template, [each for _, each in templates])
    seen = ladder.evidence.after(asked, [MemberLikeness(like.false_match_rate, like.compared) for like in found])
    if seen is None:
        household = [PersonId(row.person_id) for row, _ in templates]
        await note_operators_finger(work, reading.template, household)
    return seen


def _screen(holder: MemberRow, rung: Rung, position: FingerPosition, attempt: int) -> FingerCapture:
    is_first = attempt == 1
    key = "serve.place_finger" if rung is Rung.BEST_FINGER else "serve.place_other_finger"
    actions = (_OTHER_FINGER, _HELPER) if rung is Rung.BEST_FINGER else (_HELPER,)
    return FingerCapture(
        title=t("serve.finger_title"),
        speak=t(key) if is_first else t("serve.try_again"),
        person=verbatim(holder.name),
        position=position,
        phase=FingerPhase.WAITING,
        attempt=attempt,
        tries=TRIES_A_FINGER,
        actions=actions,
        has_back=True,
        timeout_s=None,
    )
