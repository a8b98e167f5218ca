"""Nobody is turned away in silence: a refusal has a reason, a way on, a grievance number, a slip, and is counted."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from domain.card_number import CardNumber
from domain.deliveries import Denial
from domain.events import EventKind
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import GrievanceNumber, ProgrammeCode
from domain.verification import RungTried
from kiosk.flows.notices import OK
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_REFERENCE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, in words and as a stable code; and what the person can do instead."""

    code: str
    reason: Text
    alternative: Text
    alternative_code: str
    card_number: CardNumber | None = None
    rungs: tuple[RungTried, ...] = ()
    programme: ProgrammeCode | None = None


async def refuse(work: Workplace, ui: Ui, refusal: Refusal) -> GrievanceNumber:
    """Records, prints, shows and speaks the refusal; the number is that of the grievance opened with it."""
    number = _record(work, refusal)
    work.sync.nudge()
    notice = Notice(
        title=t("denial.title"),
        mood=Mood.REFUSED,
        body=t("denial.body", reason=refusal.reason, alternative=refusal.alternative),
        speak=t("denial.spoken", reason=refusal.reason, alternative=refusal.alternative, number=verbatim(number)),
        icon="refused",
        reference=number,
        actions=(OK,),
        timeout_s=work.patience.notice_s,
    )
    ui.show(notice)
    await print_slip(work, ui, _slip(work, refusal, number))
    await ui.ask(notice)
    return number


def _record(work: Workplace, refusal: Refusal) -> GrievanceNumber:
    store = work.store
    now = store.clock.now()
    with store.journal.entry() as entry:
        number = store.next_grievance_number()
        denial = Denial(
            reference=f"D-{secrets.token_hex(_REFERENCE_BYTES).upper()}",
            kiosk_id=store.kiosk_id,
            card_number=refusal.card_number,
            reason=refusal.code,
            alternative=refusal.alternative_code,
            rungs=refusal.rungs,
            operator_id=work.operator_id,
            grievance_number=number,
            denied_at=now,
        )
        grievance = Grievance(
            number=number,
            channel=GrievanceChannel.AUTOMATIC,
            reason=GrievanceReason.DENIED,
            area=store.identity.area,
            programme=refusal.programme,
            card_number=refusal.card_number,
            lodged_at=now,
        )
        entry.add(Happening(EventKind.DENIAL_RECORDED, denial, denial.reference, work.operator_id))
        entry.add(Happening(EventKind.GRIEVANCE_LODGED, grievance, number, work.operator_id))
    return number


def _slip(work: Workplace, refusal: Refusal, number: GrievanceNumber) -> Slip:
    lines = [(t("slip.reason"), refusal.reason), (t("slip.what_now"), refusal.alternative)]
    if refusal.card_number is not None:
        lines.insert(0, (t("slip.card"), verbatim(refusal.card_number)))
    return Slip(
        kind=SlipKind.DENIAL,
        title=t("denial.title"),
        lines=tuple(lines),
        footer=t("denial.footer"),
        reference=number,
        desk=verbatim(work.store.identity.name),
        at=work.store.clock.now(),
    )
