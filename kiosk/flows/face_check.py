"""The rung for worn fingers: the photograph from the card, the live face, and an officer who answers for it."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.data_groups import MemberRow
from card_service.errors import CardError
from card_service.verified_card import VerifiedCard
from domain.ids import OperatorId, PersonId
from domain.verification import FaceJudgement
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.card_opening import note_reading
from kiosk.flows.face_judging import judge_face
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, STOP, is_again
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import Ui

#: Somebody younger does not collect for the household (reference/cards.md, 5.6: "any listed adult").
YOUNGEST_COLLECTOR_YEARS = 15


@dataclass(frozen=True, slots=True)
class FaceChecked:
    """The member who was recognised, None for nobody; and what was judged, where it came to that."""

    member: MemberRow | None = None
    judgement: FaceJudgement | None = None


async def check_face(work: Workplace, ui: Ui, card: VerifiedCard) -> FaceChecked:
    """The member whom an officer recognises by the photograph on the card, a face model advising where there is one.

    The officer proves card and finger for every single time, also when already on duty.
    """
    member = await _choose_member(work, ui, card)
    if member is None:
        return FaceChecked()
    photo = await work.holder_reader.proceed(lambda: card.read_photo(member.index))
    if photo is None:
        await ui.ask(_without(t("face.no_photo")))
        return FaceChecked()
    note_reading(work, "portrait.shown", card.card_number)
    officer_id = await _confirming_officer(work, ui, card)
    if officer_id is None:
        return FaceChecked()
    judged = await judge_face(
        work,
        ui,
        verbatim(member.name),
        Picture(photo, "jpeg"),
        officer_id=officer_id,
        subject=card.card_number,
        barred=_household(card),
    )
    return FaceChecked(member if judged.is_same else None, judged.judgement)


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


def _household(card: VerifiedCard) -> frozenset[PersonId]:
    """Who answers for nobody here: the people on the card themselves."""
    return frozenset(PersonId(row.person_id) for row in card.details.members)


async def _confirming_officer(work: Workplace, ui: Ui, card: VerifiedCard) -> OperatorId | None:
    """The id of the officer who proved card and finger just now: nobody of the household itself."""
    while True:
        try:
            officer, _ = await show_officer(work, ui, is_serving=True, barred=_household(card))
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


def _without(reason: Text, *actions: Action) -> Notice:
    ways = actions or (OK,)
    return Notice(title=t("face.title"), mood=Mood.WARNING, body=reason, speak=reason, icon="face", actions=ways)
