"""The rung for worn fingers: the photograph from the card, the live face, and an officer who answers for it."""

from __future__ import annotations

from dataclasses import replace

from card_service.data_groups import MemberRow
from card_service.errors import CardError
from card_service.verified_card import VerifiedCard
from domain.verification import FaceJudge
from kiosk.card_watcher import CardTakenAway
from kiosk.devices.failure import DeviceFailed
from kiosk.flows.card_opening import note_reading
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, STOP, device_problem, is_again
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture, RawPicture, Tone
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.audit_log import AuditLine
from kiosk.ui import Answer, Ui

#: Somebody younger does not collect for the household (reference/cards.md, 5.6: "any listed adult").
YOUNGEST_COLLECTOR_YEARS = 15
_SAME = Action("same", t("face.same_person"), "same", Tone.PRIMARY)
_DIFFERENT = Action("different", t("face.other_person"), "different", Tone.DANGER)


async def check_face(work: Workplace, ui: Ui, card: VerifiedCard) -> MemberRow | None:
    """The member whom an officer recognises by the photograph on the card; None when nobody does.

    The officer proves card and finger for every single time, also when already on duty.
    """
    member = await _choose_member(work, ui, card)
    if member is None:
        return None
    photo = await work.holder_reader.proceed(lambda: card.read_photo(member.index))
    if photo is None:
        await ui.ask(_without(t("face.no_photo")))
        return None
    note_reading(work, "portrait.shown", card.card_number)
    officer_id = await _confirming_officer(work, ui, card)
    if officer_id is None:
        return None
    is_same = await compare_face(work, ui, verbatim(member.name), Picture(photo, "jpeg"))
    # Without a model for faces the judgement is the officer's alone, and the record says so.
    what = f"face.{'confirmed' if is_same else 'refused'}.{FaceJudge.OFFICER}"
    now = work.store.clock.now()
    work.store.journal.note(AuditLine(at=now, what=what, subject=card.card_number, operator=officer_id))
    return member if is_same else None


async def _choose_member(work: Workplace, ui: Ui, card: VerifiedCard) -> MemberRow | None:
    today = work.store.clock.today()
    grown = [row for row in card.details.members if row.born.age_years(on=today) >= YOUNGEST_COLLECTOR_YEARS]
    if len(grown) == 1:
        return grown[0]
    options = tuple(Option(str(row.index), verbatim(row.name), "person") for row in grown)
    question = t("face.who_is_here")
    answer = await ui.ask(
        Choice(title=t("face.title"), question=question, speak=question, options=options, has_back=True)
    )
    return next((row for row in grown if str(row.index) == answer.value), None) if answer.action == "choose" else None


async def _confirming_officer(work: Workplace, ui: Ui, card: VerifiedCard) -> str | None:
    """The id of the officer who proved card and finger just now: nobody of the household itself."""
    household = frozenset(row.person_id for row in card.details.members)
    while True:
        try:
            officer, _ = await show_officer(work, ui, is_serving=True, barred=household)
            work.officer = officer
            return officer.operator_id
        except OfficerRefused as error:
            await ui.ask(_without(error.reason))
            return None
        except FlowLeft:
            return None
        except (CardTakenAway, CardError):
            # The officer's card slipped: nobody is turned away for that.
            if not is_again(await ui.ask(_without(t("login.card_lost"), RETRY, STOP))):
                return None
        finally:
            await work.officer_reader.release()


async def compare_face(work: Workplace, ui: Ui, person: Text, from_card: Picture) -> bool:
    """Whether the officer says that the living face is the one of the picture."""
    screen = FaceComparison(
        title=t("face.title"),
        speak=t("face.look_at_camera"),
        person=person,
        from_card=from_card,
        frame=None,
        actions=(_SAME, _DIFFERENT),
        timeout_s=None,
    )
    while True:
        ui.show(screen)
        try:
            answer = await answer_or(ui, _show_live(work, ui, screen))
        except DeviceFailed as failure:
            # The officer sees the person too: without the camera the comparison goes on by eye.
            if not is_again(await ui.ask(device_problem(failure))):
                answer = await ui.ask(screen)
                return answer.action == _SAME.id
            continue
        return isinstance(answer, Answer) and answer.action == _SAME.id


async def _show_live(work: Workplace, ui: Ui, screen: FaceComparison) -> None:
    """Shows the camera until somebody decides."""
    sequence = -1
    while True:
        frame = await work.camera.latest(after=sequence)
        if frame is None:
            continue
        sequence = frame.sequence
        ui.show(replace(screen, frame=RawPicture(frame.rgb, frame.width_px, frame.height_px, "RGB")))


def _without(reason: Text, *actions: Action) -> Notice:
    ways = actions or (OK,)
    return Notice(title=t("face.title"), mood=Mood.WARNING, body=reason, speak=reason, icon="face", actions=ways)
