"""What will soon have to be renewed, said at a tap in time: card, statement, photograph, fingers."""

from __future__ import annotations

from datetime import date, timedelta

from card_service.country_certificates import CARD_VALIDITY
from card_service.data_groups import MemberRow
from card_service.verified_card import VerifiedCard
from domain.desk_policy import read_desk_policy
from domain.fingers import YOUNGEST_FINGER_AGE_YEARS
from kiosk.flows.notices import OK
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t, verbatim

#: Names in the bundle's settings.
CARD_DAYS, PHOTO_YEARS = "renew_card_days", "renew_photo_years"
_CARD_DAYS_DEFAULT = 30
_PHOTO_YEARS_DEFAULT = 7
_DAYS_A_YEAR = 365
_TOLD_FOR_YEARS = 2


def due_prompt(work: Workplace, card: VerifiedCard) -> Notice | None:
    """One thing at most, the most pressing first; None when nothing is due."""
    text = _text(work, card, work.store.clock.today())
    if text is None:
        return None
    return Notice(title=t("renew.title"), mood=Mood.INFO, body=text, speak=text, icon="calendar", actions=(OK,))


def _text(work: Workplace, card: VerifiedCard, today: date) -> Text | None:
    soon, details = timedelta(days=_setting(work, CARD_DAYS, _CARD_DAYS_DEFAULT)), card.details
    if details.expires_on - today <= soon:
        return t("renew.card", day=t("date", iso=details.expires_on.isoformat()))
    if details.statement.valid_until - today <= soon:
        return t("renew.statement", day=t("date", iso=details.statement.valid_until.isoformat()))
    # The photograph is as old as the card.
    made_on = details.expires_on - CARD_VALIDITY
    if today - made_on >= timedelta(days=_setting(work, PHOTO_YEARS, _PHOTO_YEARS_DEFAULT) * _DAYS_A_YEAR):
        return t("renew.photo")
    return _fingers(work, card, today)


def _fingers(work: Workplace, card: VerifiedCard, today: date) -> Text | None:
    """Somebody on the card whose finger may be well again, or who is old enough now to give the first ones."""
    if read_desk_policy(work.store.bundles.current.settings).is_token_only:
        return None
    healed = next((row for row in card.details.members if _may_be_well(work, row, today)), None)
    if healed is not None:
        return t("renew.finger_again", name=verbatim(healed.name))
    grown = next((row for row in card.details.members if _is_just_old_enough(row, today)), None)
    return None if grown is None else t("renew.first_fingers", name=verbatim(grown.name))


def _may_be_well(work: Workplace, row: MemberRow, today: date) -> bool:
    known = work.store.fingers_known.find(row.person_id)
    return known is not None and any(not each.is_in_force(on=today) for each in known.not_there)


def _is_just_old_enough(row: MemberRow, today: date) -> bool:
    """For two years: whoever has not come by then has been told often enough."""
    age = row.born.age_years(on=today)
    return not row.fingers and YOUNGEST_FINGER_AGE_YEARS <= age < YOUNGEST_FINGER_AGE_YEARS + _TOLD_FOR_YEARS


def _setting(work: Workplace, name: str, otherwise: int) -> int:
    value = work.store.bundles.current.settings.get(name, otherwise)
    return value if isinstance(value, int) else otherwise
