"""Writing on a blank of the stock: through a session that the office opens, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from card_service.apdu import INS_INITIALIZE_UPDATE, SW
from card_service.connection import CardConnection
from card_service.errors import CardError, CardRefused
from card_service.scp03 import ChipNotOurs, SessionKeySource
from domain.ids import OrderId
from kiosk.card_channel import OfficeKeySource
from kiosk.flows.workplace import Workplace
from kiosk.registry_client import RegistryRefused
from kiosk.store.card_job import CardHolder

Result = TypeVar("Result")
#: Work on a chip; the source is None for stock bought open.
ChipWork = Callable[[CardConnection, SessionKeySource | None], Result]


class BlankTrouble(StrEnum):
    """Why a blank cannot be written here. Another blank is the way on from each."""

    #: The office holds no key that this chip proves to have.
    NOT_OUR_STOCK = "not_our_stock"
    #: The chip has no transport keys: anybody could have written on it.
    OPEN_STOCK = "open_stock"
    #: It was begun too often.
    TOO_MANY_SESSIONS = "too_many_sessions"
    #: What was begun on it is finished, or another desk's.
    NOT_THIS_DESK = "not_this_desk"

    @property
    def ends_order(self) -> bool:
        """Whether the order that was begun with this chip cannot go on."""
        return self in (BlankTrouble.TOO_MANY_SESSIONS, BlankTrouble.NOT_THIS_DESK)


class BlankRefused(CardError):
    """This blank is not written; ``trouble`` says why."""

    code = "card.blank_refused"
    message_key = "issue.problem"

    def __init__(self, trouble: BlankTrouble) -> None:
        super().__init__(f"blank refused: {trouble}", trouble=trouble.value)
        self.trouble = trouble


_TROUBLES = {
    "card.channel_refused": BlankTrouble.NOT_OUR_STOCK,
    "card.too_many_sessions": BlankTrouble.TOO_MANY_SESSIONS,
    "card.order_not_open": BlankTrouble.NOT_THIS_DESK,
}
_NO_TRANSPORT_KEYS = (SW.CLA_NOT_SUPPORTED, SW.INS_NOT_SUPPORTED)


async def write_on_blank(work: Workplace, order_id: OrderId, holder: CardHolder, write: ChipWork[Result]) -> Result:
    """What ``write`` returns, done in the holder's reader with a session of its own.

    Raises BlankRefused, card errors, DeviceFailed, and what the registry client raises.
    """
    loop = asyncio.get_running_loop()
    source = OfficeKeySource(loop, work.registry, order_id, holder.household_id, holder.operator_id)
    takes_open_stock = work.takes_open_stock

    def secured(connection: CardConnection) -> Result:
        try:
            return write(connection, source)
        except CardRefused as error:
            if error.ins != INS_INITIALIZE_UPDATE or error.sw not in _NO_TRANSPORT_KEYS:
                raise
            if not takes_open_stock:
                raise BlankRefused(BlankTrouble.OPEN_STOCK) from error
        return write(connection, None)

    try:
        return await work.holder_reader.run(secured)
    except ChipNotOurs as error:
        raise BlankRefused(BlankTrouble.NOT_OUR_STOCK) from error
    except RegistryRefused as error:
        trouble = _TROUBLES.get(error.refused_code)
        if trouble is None:
            raise
        raise BlankRefused(trouble) from error
