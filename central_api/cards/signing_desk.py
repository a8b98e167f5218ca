"""What the signing policy asks about an order, answered from the register; and the alarms it raised, for officials."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from sqlalchemy import Connection, func, select

from central_api.access.near_by import require_near_by
from central_api.context import RegistryPart
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.operators.repository import find_operator
from central_api.tables.cards import cards
from central_api.tables.journal import audit_lines
from central_api.tables.people import households
from domain.ids import HouseholdId, KioskId, OperatorId
from domain.record import Record

ALARM_ACTION = "card.signing_alarm"
#: GET -> SigningAlarms (unsigned; only on the registry's own machine).
SIGNING_ALARMS = "/v1/cards/signing-alarms"
_RECENT = timedelta(days=1)

router = APIRouter(tags=["cards"])


@dataclass(frozen=True, slots=True)
class SigningDesk:
    """One kiosk's order, as the policy looks at it. Exactly one holder is named."""

    connection: Connection
    kiosk_id: KioskId
    household_id: HouseholdId | None
    operator_id: OperatorId | None

    def is_approved(self) -> bool:
        """Households stand in the register only once their enrolment was decided on; operators must be active."""
        if self.operator_id is not None:
            operator = find_operator(self.connection, self.operator_id)
            return operator is not None and operator.is_active
        query = select(households.c.id).where(households.c.id == self.household_id)
        return self.connection.execute(query).first() is not None

    def count_signed_since(self, moment: datetime) -> int:
        query = select(func.count()).select_from(cards)
        ours = query.where(cards.c.kiosk_id == self.kiosk_id, cards.c.ordered_at > moment)
        return self.connection.execute(ours).scalar_one()


class SigningAlarms(Record):
    """How often signatures were refused, in all and in the last day, and the faults by name."""

    total: int
    last_day: int
    newest_at: datetime | None
    faults: dict[str, int]


def count_alarms(connection: Connection, *, now: datetime) -> SigningAlarms:
    """Read from the audit chain: an alarm cannot be taken back."""
    query = select(audit_lines.c.line).where(
        audit_lines.c.stream == AuditStream.CARDS, audit_lines.c.action == ALARM_ACTION
    )
    fields = set(AuditLine.model_fields)
    lines = [_line(text, fields) for text in connection.execute(query).scalars()]
    return SigningAlarms(
        total=len(lines),
        last_day=sum(line.at > now - _RECENT for line in lines),
        newest_at=max((line.at for line in lines), default=None),
        faults=dict(Counter(str(line.details.get("fault")) for line in lines)),
    )


def _line(text: str, fields: set[str]) -> AuditLine:
    raw = json.loads(text)
    return AuditLine.model_validate({name: value for name, value in raw.items() if name in fields})


@router.get(SIGNING_ALARMS)
def alarms(request: Request, registry: RegistryPart) -> SigningAlarms:
    """What officials look at each morning: nothing there is a good day."""
    require_near_by(request)
    with registry.database.read() as connection:
        return count_alarms(connection, now=registry.now())
