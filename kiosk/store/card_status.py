"""What the feed says of a card."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.card_number import CardNumber
from domain.cards import CardStatus

_REFUSED = frozenset({CardStatus.BLOCKED, CardStatus.REPLACED, CardStatus.EXPIRED, CardStatus.SCRAPPED})


class CardStatusChange(BaseModel):
    """Payload of a ``card_status`` change of the feed; later fields are not ours to refuse."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    card_number: CardNumber
    status: CardStatus

    @property
    def is_refused(self) -> bool:
        """Whether a card in this state is refused wherever it is shown."""
        return self.status in _REFUSED
