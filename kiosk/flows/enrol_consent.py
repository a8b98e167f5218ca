"""Consent first: read aloud, answered, kept with wording, language and witness. Without it nothing is captured."""

from __future__ import annotations

from domain.consent import Consent, ConsentMark, ConsentPurpose
from domain.ids import OperatorId, PersonId
from domain.people import Member
from enrolment.session import EnrolmentDraft
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, CheckLine, Tone
from kiosk.screen_models.people import ConsentQuestion
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import Ui

#: Changed whenever the wording of the sentences changes.
TEXT_VERSION = "consent/2"
#: A child's parent answers for it.
ANSWERS_ALONE_FROM_YEARS = 15
_YES = Action("yes", t("action.yes"), "yes", Tone.PRIMARY)
_NO = Action("no", t("action.no"), "no")
_POINTS = {
    ConsentPurpose.REGISTRATION: ("consent.point_why", "consent.point_who", "consent.point_withdraw"),
    ConsentPurpose.BIOMETRICS: ("consent.point_photo", "consent.point_fingers", "consent.point_card_only"),
}


async def ask_registration(work: Workplace, ui: Ui, person_id: PersonId, witness: OperatorId) -> Consent | None:
    """Asked of whoever speaks for the household, before anything else is."""
    agreed = await _ask(ui, ConsentPurpose.REGISTRATION, t("consent.you"), t("consent.registration"))
    return _consent(work, ui, person_id, ConsentPurpose.REGISTRATION, None, witness) if agreed else None


async def ask_biometrics(work: Workplace, ui: Ui, draft: EnrolmentDraft, member: Member) -> Consent | None:
    """Asked of each person before the camera looks; a parent answers for a child."""
    person = member.person
    is_child = person.born.age_years(on=work.store.clock.today()) < ANSWERS_ALONE_FROM_YEARS
    name = verbatim(person.name.local or person.name.latin)
    text = t("consent.biometrics_child", name=name) if is_child else t("consent.biometrics", name=name)
    if not await _ask(ui, ConsentPurpose.BIOMETRICS, name, text):
        return None
    answered_by = draft.head.person.id if is_child and draft.head is not None else None
    return _consent(work, ui, person.id, ConsentPurpose.BIOMETRICS, answered_by, draft.operator_id)


async def _ask(ui: Ui, purpose: ConsentPurpose, person: Text, text: Text) -> bool:
    points = tuple(CheckLine(t(key), None) for key in _POINTS[purpose])
    screen = ConsentQuestion(
        title=t("consent.title"),
        speak=text,
        person=person,
        text=text,
        points=points,
        actions=(_YES, _NO),
        timeout_s=None,
    )
    return (await ui.ask(screen)).action == _YES.id


def _consent(
    work: Workplace,
    ui: Ui,
    person_id: PersonId,
    purpose: ConsentPurpose,
    answered_by: PersonId | None,
    witness: OperatorId,
) -> Consent:
    return Consent(
        person_id=person_id,
        purpose=purpose,
        text_version=TEXT_VERSION,
        language=ui.language,
        audio_played=True,
        given_by=ConsentMark.TOUCHED_YES,
        answered_by=answered_by,
        witnessed_by=witness,
        given_at=work.store.clock.now(),
    )
