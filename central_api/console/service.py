"""What the pages show, as plain records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection

from central_api.console import repository
from central_api.console.repository import KioskLine
from central_api.deliveries.proof import ProofVerdict, check_proof, read_record
from central_api.deliveries.repository import count_since, find_card, find_terminal_key, list_newest
from central_api.denials.repository import Holder, count_all
from central_api.denials.repository import list_newest as list_newest_denials
from central_api.enrolments.repository import count_waiting
from central_api.grievances.repository import count_open
from central_api.reviews.repository import ReviewCase, count_open_cases, list_open_cases
from domain.card_number import spaced
from domain.cards import CardStatus
from domain.deliveries import BenefitDelivery, Denial

DAYS_SHOWN = 14
ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; ``share`` of the highest, 0–100."""

    label: str
    number: int
    share: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page."""

    households: int
    persons: int
    cards_active: int
    cards_other: int
    deliveries_today: int
    waiting: int
    grievances: int
    denials: int
    cases: int
    audit_lines: int
    days: tuple[Bar, ...]
    kiosks: tuple[KioskLine, ...]


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery with its proof, checked again for this page."""

    delivery: BenefitDelivery
    card: str
    programme: str
    received_at: datetime
    proof: ProofVerdict

    @property
    def is_genuine(self) -> bool:
        return self.proof is ProofVerdict.GENUINE


@dataclass(frozen=True, slots=True)
class DenialLine:
    """A denial and what is counted of the holder: never who it was."""

    denial: Denial
    card: str
    holder: str


def read_overview(connection: Connection, now: datetime) -> Overview:
    households, persons = repository.count_people(connection)
    cards = repository.count_cards(connection)
    midnight = datetime.combine(now.date(), time(), UTC)
    return Overview(
        households=households,
        persons=persons,
        cards_active=cards.get(CardStatus.ACTIVE, 0),
        cards_other=sum(cards.values()) - cards.get(CardStatus.ACTIVE, 0),
        deliveries_today=count_since(connection, midnight),
        waiting=count_waiting(connection),
        grievances=count_open(connection),
        denials=count_all(connection),
        cases=count_open_cases(connection),
        audit_lines=repository.count_audit_lines(connection),
        days=_days(connection, now.date()),
        kiosks=tuple(repository.list_kiosks(connection)),
    )


def _days(connection: Connection, today: date) -> tuple[Bar, ...]:
    first = today - timedelta(days=DAYS_SHOWN - 1)
    times = repository.list_delivery_times(connection, datetime.combine(first, time(), UTC))
    counted = Counter(moment.date() for moment in times)
    days = [first + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    return _bars([(f"{day.day} {day:%b}", counted[day]) for day in days])


def _bars(pairs: list[tuple[str, int]]) -> tuple[Bar, ...]:
    highest = max((number for _, number in pairs), default=0) or 1
    return tuple(Bar(label, number, round(100 * number / highest)) for label, number in pairs)


def read_deliveries(connection: Connection) -> list[DeliveryLine]:
    """The newest deliveries; each receipt is verified again, with the card's and the terminal's key."""
    names = repository.list_programme_names(connection)
    return [
        DeliveryLine(
            delivery=delivery,
            card=spaced(delivery.card_number),
            programme=names.get(delivery.scheme, delivery.programme),
            received_at=received_at,
            proof=_check(connection, delivery),
        )
        for delivery, received_at in list_newest(connection, ROWS_SHOWN)
    ]


def _check(connection: Connection, delivery: BenefitDelivery) -> ProofVerdict:
    record, card = read_record(delivery), find_card(connection, delivery.card_number)
    if record is None or card is None:
        return ProofVerdict.MALFORMED
    return check_proof(delivery, record, card.receipt_key, find_terminal_key(connection, record.terminal))


def read_denials(connection: Connection, today: date) -> tuple[list[DenialLine], tuple[Bar, ...]]:
    """The newest denials, and how often each reason came."""
    lines = [
        DenialLine(denial, spaced(denial.card_number) if denial.card_number else "–", _describe(holder, today))
        for denial, holder in list_newest_denials(connection, ROWS_SHOWN)
    ]
    return lines, _bars(repository.count_denials_by_reason(connection))


def _describe(holder: Holder | None, today: date) -> str:
    if holder is None:
        return "not known"
    decade = (today.year - holder.birth_year) // 10 * 10
    return ", ".join(filter(None, (holder.sex, f"{decade}–{decade + 9}", holder.occupation)))


def read_cases(connection: Connection) -> list[ReviewCase]:
    return list_open_cases(connection, ROWS_SHOWN)
