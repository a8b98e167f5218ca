"""A complaint: no login, no name and no reading needed; a number on paper at the end."""

from __future__ import annotations

from domain.events import EventKind
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import GrievanceNumber, ProgrammeCode
from kiosk.flows.due_rows import kind_icon
from kiosk.flows.notices import success
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import by_language, t, verbatim
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_ICONS = {
    GrievanceReason.DENIED: "refused",
    GrievanceReason.TOO_LITTLE: "little",
    GrievanceReason.MONEY_ASKED: "money_asked",
    GrievanceReason.BAD_QUALITY: "quality",
    GrievanceReason.RUDE: "rude",
    GrievanceReason.DETAILS_WRONG: "edit",
    GrievanceReason.OTHER: "other",
}
_NO_PROGRAMME = "none"
_SEND = Action("send", t("grievance.send"), "complaint", Tone.PRIMARY)


async def lodge_grievance(work: Workplace, ui: Ui, *, card_number: str | None = None) -> GrievanceNumber | None:
    """The number of the complaint, kept and printed; None when the person went back."""
    reason = await _ask_reason(ui)
    if reason is None:
        return None
    programme = await _ask_programme(work, ui)
    body = t("grievance.confirm", reason=t(f"grievance.reason.{reason}"))
    confirm = Notice(
        title=t("grievance.title"),
        mood=Mood.INFO,
        body=body,
        speak=body,
        icon=_ICONS[reason],
        actions=(_SEND,),
        has_back=True,
    )
    if (await ui.ask(confirm)).action != _SEND.id:
        return None
    grievance = _record(work, reason, programme, card_number)
    work.sync.nudge()
    done = t("grievance.done", number=verbatim(grievance.number))
    notice = success(t("grievance.title"), done, icon="complaint", reference=grievance.number)
    ui.show(notice)
    await print_slip(work, ui, _slip(work, grievance))
    await ui.ask(notice)
    return grievance.number


async def _ask_reason(ui: Ui) -> GrievanceReason | None:
    options = tuple(Option(reason, t(f"grievance.reason.{reason}"), icon) for reason, icon in _ICONS.items())
    question = t("grievance.question")
    answer = await ui.ask(
        Choice(title=t("grievance.title"), question=question, speak=question, options=options, has_back=True)
    )
    return GrievanceReason(str(answer.value)) if answer.action == "choose" else None


async def _ask_programme(work: Workplace, ui: Ui) -> ProgrammeCode | None:
    if not work.store.bundles.is_there:
        return None
    programmes = [p for p in work.store.bundles.current.programmes if p.delivered_at_desk]
    options = [Option(p.code, by_language(p.names), kind_icon(p.kind)) for p in programmes]
    options.append(Option(_NO_PROGRAMME, t("grievance.something_else"), "other"))
    question = t("grievance.about_what")
    answer = await ui.ask(Choice(title=t("grievance.title"), question=question, speak=question, options=tuple(options)))
    is_one = answer.action == "choose" and answer.value != _NO_PROGRAMME
    return ProgrammeCode(str(answer.value)) if is_one else None


def _record(
    work: Workplace, reason: GrievanceReason, programme: ProgrammeCode | None, card_number: str | None
) -> Grievance:
    store = work.store
    with store.journal.entry() as entry:
        grievance = Grievance(
            number=store.next_grievance_number(),
            channel=GrievanceChannel.KIOSK,
            reason=reason,
            area=store.identity.area,
            programme=programme,
            card_number=card_number,
            lodged_at=store.clock.now(),
        )
        entry.add(Happening(EventKind.GRIEVANCE_LODGED, grievance, grievance.number, None))
    return grievance


def _slip(work: Workplace, grievance: Grievance) -> Slip:
    return Slip(
        kind=SlipKind.GRIEVANCE,
        title=t("grievance.title"),
        lines=((t("slip.reason"), t(f"grievance.reason.{grievance.reason}")),),
        footer=t("grievance.footer"),
        reference=grievance.number,
        desk=verbatim(work.store.identity.name),
        at=grievance.lodged_at,
    )
