"""An amount set aside at a clinic, shop or school, used in parts, then closed or given back.

The card's ledger holds what moves the balance: a delivery when the amount is set aside, a reversal for what comes
back. Use in between needs no card: the amount is the provider's to hand out.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.card_number import CardNumber
from domain.errors import ProjectError
from domain.ids import KioskId
from domain.record import Record


class ProviderKind(StrEnum):
    CLINIC = "clinic"
    SHOP = "shop"
    SCHOOL = "school"


class ProviderStep(StrEnum):
    BLOCK = "block"
    USE = "use"
    #: The last of it is used.
    USE_UP = "use_up"
    #: What is left goes back to the card.
    CLOSE = "close"
    #: All of it goes back, also what was used.
    REVERSE = "reverse"


class ProviderState(StrEnum):
    BLOCKED = "blocked"
    PART_USED = "part_used"
    CLOSED = "closed"
    REVERSED = "reversed"


_S, _P = ProviderState, ProviderStep
LIFE: dict[tuple[ProviderState | None, ProviderStep], ProviderState] = {
    (None, _P.BLOCK): _S.BLOCKED,
    (_S.BLOCKED, _P.USE): _S.PART_USED,
    (_S.BLOCKED, _P.USE_UP): _S.CLOSED,
    (_S.BLOCKED, _P.REVERSE): _S.REVERSED,
    (_S.PART_USED, _P.USE): _S.PART_USED,
    (_S.PART_USED, _P.USE_UP): _S.CLOSED,
    (_S.PART_USED, _P.CLOSE): _S.CLOSED,
    (_S.PART_USED, _P.REVERSE): _S.REVERSED,
}
OPEN = (ProviderState.BLOCKED, ProviderState.PART_USED)


class ProviderStepRefused(ProjectError):
    """The step does not fit the state, or not the amount; nothing changes."""

    code = "provider.step_refused"
    message_key = "provider.step_refused"


class ProviderMark(Record):
    """On a delivery or reversal: which step of which transaction it is."""

    transaction_id: str = Field(min_length=1, max_length=40)
    kind: ProviderKind
    step: ProviderStep


class ProviderUse(Record):
    """Payload of ``provider.used``: part, or the rest, of the amount was handed out."""

    transaction_id: str = Field(min_length=1, max_length=40)
    units: int = Field(ge=1)


class ProviderTransaction(Record):
    """In the programme's units: ``blocked`` was taken off the card, ``returned`` put back on it."""

    id: str
    kind: ProviderKind
    kiosk_id: KioskId
    card_number: CardNumber
    scheme: int
    period_key: int
    state: ProviderState
    blocked: int
    used: int = 0
    returned: int = 0

    @property
    def left(self) -> int:
        """Set aside, and neither used nor given back."""
        return self.blocked - self.used - self.returned

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def after_use(self, units: int) -> ProviderTransaction:
        """Raises ProviderStepRefused."""
        if not 1 <= units <= self.left:
            raise ProviderStepRefused("more than what is left", left=self.left)
        step = ProviderStep.USE_UP if units == self.left else ProviderStep.USE
        return self.model_copy(update={"state": next_state(self.state, step), "used": self.used + units})

    def after_return(self, step: ProviderStep, units: int) -> ProviderTransaction:
        """CLOSE gives back exactly what is left, REVERSE everything. Raises ProviderStepRefused."""
        if units != self.units_to_return(step):
            raise ProviderStepRefused("another amount than is to be given back", left=self.left)
        used = 0 if step is ProviderStep.REVERSE else self.used
        return self.model_copy(update={"state": next_state(self.state, step), "used": used, "returned": units})

    def units_to_return(self, step: ProviderStep) -> int:
        """What the reversal on the card must say. Raises ProviderStepRefused for a step that gives nothing back."""
        next_state(self.state, step)
        if step not in (ProviderStep.CLOSE, ProviderStep.REVERSE):
            raise ProviderStepRefused("this step gives nothing back")
        return self.left if step is ProviderStep.CLOSE else self.blocked


def next_state(state: ProviderState | None, step: ProviderStep) -> ProviderState:
    """Raises ProviderStepRefused."""
    try:
        return LIFE[state, step]
    except KeyError:
        raise ProviderStepRefused(f"{step} does not fit {state}") from None
