"""What a card says is due, as rows for the screen."""

from __future__ import annotations

from datetime import date

from card_service.verified_card import LineOnCard, VerifiedCard
from domain.programmes import BenefitKind
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.services import DueState, EntitlementRow
from kiosk.screen_models.text import Text, by_language, t

_ICONS = {
    BenefitKind.FOOD: "ration",
    BenefitKind.CASH: "cash",
    BenefitKind.SCHOLARSHIP: "scholarship",
    BenefitKind.INSURANCE: "insurance",
    BenefitKind.TRAINING: "training",
    BenefitKind.JOB: "job",
    BenefitKind.HEALTH: "health",
    BenefitKind.HOUSING: "housing",
}
_OTHER_ICON = "gift"


def due_rows(work: Workplace, card: VerifiedCard) -> tuple[EntitlementRow, ...]:
    """Ready first, then what comes later, then what is drawn."""
    today = work.store.clock.today()
    rows = [due_row(work, line, today) for line in card.details.lines]
    order = {DueState.READY: 0, DueState.LATER: 1, DueState.DRAWN: 2}
    return tuple(sorted(rows, key=lambda row: order[row.state]))


def due_row(work: Workplace, on_card: LineOnCard, today: date) -> EntitlementRow:
    line = on_card.line
    programme = work.find_programme(line.scheme)
    state, detail = _state(on_card, today)
    return EntitlementRow(
        scheme=line.scheme,
        name=t(line.name_key) if programme is None else by_language(programme.names),
        icon=kind_icon(line.benefit_kind),
        amount=amount_text(on_card, on_card.left if state is DueState.READY else line.limit),
        state=state,
        detail=detail,
        is_delivered_here=programme is not None and programme.delivered_at_desk,
    )


def amount_text(on_card: LineOnCard, units: int) -> Text:
    """The quantity in the programme's measure, or the money it is worth."""
    line = on_card.line
    if line.amount_minor is not None and line.currency is not None and line.limit:
        return t("money", minor=line.amount_minor * units // line.limit, currency=line.currency)
    return t("quantity", count=units, measure=line.unit)


def kind_icon(kind: str) -> str:
    """The picture of a kind of benefit."""
    try:
        return _ICONS[BenefitKind(kind)]
    except ValueError:
        return _OTHER_ICON


def _state(on_card: LineOnCard, today: date) -> tuple[DueState, Text]:
    line = on_card.line
    if on_card.left == 0:
        return DueState.DRAWN, t("due.drawn")
    if today < line.collect_from:
        return DueState.LATER, t("due.from", day=t("date", iso=line.collect_from.isoformat()))
    if today > line.collect_until:
        return DueState.LATER, t("due.over", day=t("date", iso=line.collect_until.isoformat()))
    return DueState.READY, t("due.until", day=t("date", iso=line.collect_until.isoformat()))
