"""How much may be handed over now: less against an old list of refused cards, nothing beyond the desk's own limit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from card_service.verified_card import LineOnCard, VerifiedCard
from domain.events import EventKind
from domain.offline_limits import read_offline_limits
from domain.revocation_age import ListFreshness
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.text import Text, t


class Caution(StrEnum):
    """Why less is handed over than is left on the card."""

    #: The list of refused cards is too old, or was never here.
    OLD_LIST = "old_list"
    #: So many deliveries wait to be reported that no more may be made before.
    DESK_FULL = "desk_full"

    @property
    def message_key(self) -> str:
        return f"caution.{self.value}"

    @property
    def code(self) -> str:
        """For the register of refusals."""
        return f"delivery.{self.value}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """``units`` may be handed over now; ``caution`` when that is less than what is left."""

    units: int
    caution: Caution | None = None


def allowance_of(work: Workplace, card: VerifiedCard, on_card: LineOnCard) -> Allowance:
    """Of what is left on this line, how much now. Counted in cards' own terms, so coming again brings no more."""
    store, left = work.store, on_card.left
    if left == 0:
        return Allowance(0)
    if _is_desk_full(work):
        return Allowance(0, Caution.DESK_FULL)
    today = store.clock.today()
    if store.revocations.freshness(on=today) is ListFreshness.FRESH:
        return Allowance(left)
    # What was handed over to this card against the old list counts as still open: half is half, in however many visits.
    given = _given_here_offline(work, card, on_card)
    units = min(left, max(0, store.revocations.most_units(left + given, on=today) - given))
    return Allowance(units) if units == left else Allowance(units, Caution.OLD_LIST)


def _is_desk_full(work: Workplace) -> bool:
    limits, outbox = read_offline_limits(work.store.bundles.current.settings), work.store.outbox
    if limits.has_room(outbox.count_waiting()):
        return False  # quick, and true nearly always: fewer events of any kind than deliveries allowed
    return not limits.has_room(outbox.count_waiting(kind=EventKind.DELIVERY_RECORDED))


def list_text(work: Workplace) -> Text:
    """How old the list of refused cards is, for the officer."""
    today = work.store.clock.today()
    freshness, age_days = work.store.revocations.freshness(on=today), work.store.revocations.age_days(on=today)
    if freshness is ListFreshness.FRESH and not age_days:
        return t("revocations.today")
    return t(freshness.message_key) if age_days is None else t(freshness.message_key, days=age_days)


def _given_here_offline(work: Workplace, card: VerifiedCard, on_card: LineOnCard) -> int:
    wanted = (card.card_number, on_card.line.scheme, on_card.line.period)
    return sum(
        each.units
        for _, each in work.store.deliveries.all()
        if each.was_offline and (each.card_number, each.scheme, each.period_key) == wanted
    )
