"""New quotas for the officers' cards of this desk, asked for before they are used up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from domain.messages.officer_quota import QuotaRequest
from kiosk.registry_client import RegistryClient, RegistryRefused
from kiosk.store.kiosk_store import KioskStore
from kiosk.store.officer_quota import OfficerQuota

_log = logging.getLogger(__name__)

#: A refusal stands until more cards are found that the signatures went into.
_AGAIN_AFTER = timedelta(hours=1)


class QuotaRenewal:
    """Asks for every card that is low and has no grant waiting; what comes is kept for when the card is in."""

    def __init__(self, store: KioskStore, client: RegistryClient) -> None:
        self._store = store
        self._client = client
        self._refused_at: dict[str, datetime] = {}

    async def renew_low(self) -> None:
        """After the outbox is empty: what the signatures went into must be known first. A refusal waits an hour.

        Raises RegistryUnreachable and RegistryOutOfOrder.
        """
        for _, quota in self._store.officer_quotas.all():
            if quota.is_low and quota.grant is None and not self._was_refused(quota):
                await self._renew(quota)

    async def _renew(self, quota: OfficerQuota) -> None:
        request = QuotaRequest(
            officer_card_number=quota.card_number,
            remaining=quota.remaining,
            last_grant_number=quota.last_grant_number,
            signatures_made=quota.signatures_made,
        )
        try:
            answer = await self._client.grant_quota(request)
        except RegistryRefused as refused:
            _log.warning("no new quota for an officer's card: %s", refused.refused_code)
            self._refused_at[quota.card_number] = self._store.clock.now()
            return
        self._store.officer_quotas.save(quota.card_number, quota.model_copy(update={"grant": answer.grant}))

    def _was_refused(self, quota: OfficerQuota) -> bool:
        at = self._refused_at.get(quota.card_number)
        return at is not None and self._store.clock.now() < at + _AGAIN_AFTER
