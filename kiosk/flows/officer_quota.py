"""An officer's card says how often it may still sign; a grant that waits for it is written while it is in."""

from __future__ import annotations

import logging

from card_service.errors import CardGone, CardMisbehaved, CardRefused, CardSilent
from card_service.quota import Quota, read_quota, write_quota_grant
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from kiosk.flows.offline_caution import list_text
from kiosk.flows.workplace import Officer, Workplace
from kiosk.registry_client import RegistryOutOfOrder, RegistryUnreachable
from kiosk.screen_models.text import Text, t
from kiosk.store.officer_quota import LOW_QUOTA, OfficerQuota

_log = logging.getLogger(__name__)


async def look_after_quota(work: Workplace, card: VerifiedCard) -> OfficerQuota | None:
    """Where the quota stands, after a grant was written if one was to be had. None for a card without a quota.

    A registry that is away or refuses changes nothing: the card signs as long as it may. Raises CardGone, CardSilent.
    """
    state = await _read(work, card)
    if state is None:
        return None
    if state.is_low and state.grant is None and work.sync.state.is_online:
        try:
            await work.sync.quotas.renew_low()
        except (RegistryUnreachable, RegistryOutOfOrder):
            return state
        state = work.store.officer_quotas.find(card.card_number) or state
    return await _write(work, card, state)


def quota_known(work: Workplace, card_number: CardNumber) -> int | None:
    """How many signatures that officer's card had left when it was here last; None when it has no quota."""
    state = work.store.officer_quotas.find(card_number)
    return None if state is None else state.remaining


def note_signature(work: Workplace, card_number: CardNumber) -> None:
    """One signature fewer, until the card itself is asked again. One asked for twice is counted twice, for a while."""
    state = work.store.officer_quotas.find(card_number)
    if state is not None and state.remaining:
        less = {"remaining": state.remaining - 1, "signatures_made": state.signatures_made + 1}
        work.store.officer_quotas.save(card_number, state.model_copy(update=less))


async def _read(work: Workplace, card: VerifiedCard) -> OfficerQuota | None:
    try:
        quota = await work.officer_reader.proceed(lambda: read_quota(card.session))
    except (CardGone, CardSilent):
        raise
    except (CardRefused, CardMisbehaved):
        return None  # a card that was made before there were quotas signs freely
    kept = work.store.officer_quotas.find(card.card_number)
    grant = kept.grant if kept is not None and kept.last_grant_number == quota.last_grant else None
    return _keep(work, card, quota, grant)


async def _write(work: Workplace, card: VerifiedCard, state: OfficerQuota) -> OfficerQuota:
    grant = state.grant
    if grant is None:
        return state
    try:
        quota = await work.officer_reader.proceed(lambda: write_quota_grant(card.session, grant))
    except CardRefused as error:
        # Older than what the card holds, or not for it: a new one is asked for at the next sync.
        _log.warning("an officer's card did not take its grant: %s", error.code)
        state = state.model_copy(update={"grant": None})
        work.store.officer_quotas.save(card.card_number, state)
        return state
    return _keep(work, card, quota, None)


def _keep(work: Workplace, card: VerifiedCard, quota: Quota, grant: bytes | None) -> OfficerQuota:
    state = OfficerQuota(
        card_number=card.card_number,
        remaining=quota.remaining,
        last_grant_number=quota.last_grant,
        signatures_made=quota.signatures,
        grant=grant,
    )
    work.store.officer_quotas.save(card.card_number, state)
    return state


def home_notes(work: Workplace, officer: Officer) -> tuple[Text, ...]:
    """What the officer's screen says before anything begins: signatures left, and how old the list is (F42)."""
    left = quota_known(work, officer.card_number)
    if left is None:
        return (list_text(work),)
    return t("home.quota_low" if left <= LOW_QUOTA else "home.quota_left", count=left), list_text(work)
