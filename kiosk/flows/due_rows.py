"""What a card says is due, as rows for the screen."""

from __future__ import annotations

from collections.abc import Sequence
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


def lines_to_show(card: VerifiedCard, today: date) -> list[LineOnCard]:
    """One line for each programme: what may be drawn now; else this period's, already drawn; else the next one."""
    chosen: dict[int, LineOnCard] = {}
    for line in sorted(card.details.lines, key=lambda each: _nearness(each, today)):
        chosen.setdefault(line.line.scheme, line)
    return list(chosen.values())


def _nearness(on_card: LineOnCard, today: date) -> tuple[int, int]:
    line = on_card.line
    if line.collect_from <= today <= line.collect_until:
        return (0 if on_card.left else 1), (line.collect_until - today).days
    return (2 if line.collect_from > today else 3), abs((line.collect_from - today).days)


def due_rows(work: Workplace, card: VerifiedCard) -> tuple[EntitlementRow, ...]:
    """Ready first, then what comes later, then what is drawn."""
    today = work.store.clock.today()
    lines = card.details.lines
    rows = [due_row(work, line, today, _next_from(line, lines)) for line in lines_to_show(card, today)]
    order = {DueState.READY: 0, DueState.LATER: 1, DueState.DRAWN: 2}
    return tuple(sorted(rows, key=lambda row: order[row.state]))


def _next_from(drawn: LineOnCard, lines: Sequence[LineOnCard]) -> date | None:
    """When the programme's next period begins, as far as the card knows."""
    same = (each.line for each in lines if each.line.scheme == drawn.line.scheme and each.left)
    return min((line.collect_from for line in same if line.collect_from > drawn.line.collect_from), default=None)


def due_row(work: Workplace, on_card: LineOnCard, today: date, next_from: date | None = None) -> EntitlementRow:
    line = on_card.line
    programme = work.find_programme(line.scheme)
    state, detail = _state(on_card, today, next_from)
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


def _state(on_card: LineOnCard, today: date, next_from: date | None) -> tuple[DueState, Text]:
    line = on_card.line
    if on_card.left == 0:
        if next_from is None:
            return DueState.DRAWN, t("due.drawn")
        return DueState.DRAWN, t("due.drawn_next", day=t("date", iso=next_from.isoformat()))
    if today < line.collect_from:
        return DueState.LATER, t("due.from", day=t("date", iso=line.collect_from.isoformat()))
    if today > line.collect_until:
        return DueState.LATER, t("due.over", day=t("date", iso=line.collect_until.isoformat()))
    return DueState.READY, t("due.until", day=t("date", iso=line.collect_until.isoformat()))
