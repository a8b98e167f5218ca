"""What will soon have to be renewed, said at a tap while there is time: the card, its statement, the photograph."""

from __future__ import annotations

from datetime import date, timedelta

from card_service.country_certificates import CARD_VALIDITY
from card_service.verified_card import VerifiedCard
from kiosk.flows.notices import OK
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t

#: Names in the bundle's settings.
CARD_DAYS, PHOTO_YEARS = "renew_card_days", "renew_photo_years"
_CARD_DAYS_DEFAULT = 30
_PHOTO_YEARS_DEFAULT = 7
_DAYS_A_YEAR = 365


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
    return None


def _setting(work: Workplace, name: str, otherwise: int) -> int:
    value = work.store.bundles.current.settings.get(name, otherwise)
    return value if isinstance(value, int) else otherwise
