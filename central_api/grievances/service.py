"""Taking a grievance. The number was given at the desk and is never given twice."""

from __future__ import annotations

from central_api.errors import Conflict
from central_api.grievances import repository
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from domain.grievances import Grievance, GrievanceChannel
from domain.ids import KioskId
from domain.messages.sync import ChangeKind


class GrievanceDiffers(Conflict):
    """Another complaint stands under this number already."""

    code = "grievance.differs"
    message_key = "error.grievance_differs"


def lodge_grievance(transaction: Transaction, grievance: Grievance, kiosk_id: KioskId, area: str) -> None:
    """Keeps the complaint and tells the office. The same one again changes nothing.

    A denial raises its grievance by itself under the number printed at the desk; when the kiosk lodges that one too,
    it is the same complaint. Raises GrievanceDiffers.
    """
    known = repository.find_grievance(transaction.connection, grievance.number)
    if known is not None:
        channels = {known.channel, grievance.channel}
        if known != grievance and GrievanceChannel.AUTOMATIC not in channels:
            raise GrievanceDiffers("this number was given to another complaint")
        return
    repository.add_grievance(transaction.connection, grievance, kiosk_id, transaction.now)
    line = AuditLine(
        stream=AuditStream.SERVICE,
        at=transaction.now,
        actor=kiosk_id,
        action="grievance.lodged",
        subject=f"grievance:{grievance.number}",
        details={"reason": grievance.reason, "channel": grievance.channel},
    )
    transaction.note(line)
    payload = {"number": grievance.number, "state": grievance.state}
    transaction.publish(NewChange(kind=ChangeKind.GRIEVANCE, payload={**payload}, area=area))
