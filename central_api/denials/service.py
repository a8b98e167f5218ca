"""Recording a denial, and the grievance that it raises by itself."""

from __future__ import annotations

from central_api.denials import repository
from central_api.errors import Conflict
from central_api.grievances.service import lodge_grievance
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from domain.deliveries import Denial
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import AreaCode, GrievanceNumber, KioskId


class DenialDiffers(Conflict):
    """Another denial stands under this reference already."""

    code = "denial.differs"
    message_key = "error.denial_differs"


def record_denial(transaction: Transaction, denial: Denial, kiosk_id: KioskId, area: AreaCode) -> None:
    """Keeps the denial in the register. The same one again changes nothing. Raises DenialDiffers."""
    connection = transaction.connection
    known = repository.find_denial(connection, denial.reference)
    if known is not None:
        if known != denial:
            raise DenialDiffers("this reference was given to another denial")
        return
    holder = None if denial.card_number is None else repository.find_holder(connection, denial.card_number)
    repository.add_denial(connection, denial, holder, transaction.now)
    _note(transaction, denial, kiosk_id)
    lodge_grievance(transaction, _grievance_of(denial, area), kiosk_id, area)


def _grievance_of(denial: Denial, area: AreaCode) -> Grievance:
    """Nobody is turned away in silence: the complaint is lodged even when nobody complained."""
    return Grievance(
        number=GrievanceNumber(denial.grievance_number or f"G-{denial.reference}"),
        channel=GrievanceChannel.AUTOMATIC,
        reason=GrievanceReason.DENIED,
        area=area,
        card_number=denial.card_number,
        lodged_at=denial.denied_at,
    )


def _note(transaction: Transaction, denial: Denial, kiosk_id: KioskId) -> None:
    line = AuditLine(
        stream=AuditStream.SERVICE,
        at=transaction.now,
        actor=kiosk_id,
        operator_id=denial.operator_id,
        action="denial.recorded",
        subject=None if denial.card_number is None else f"card:{denial.card_number}",
        details={"reference": denial.reference, "reason": denial.reason, "rungs": len(denial.rungs)},
    )
    transaction.note(line)
