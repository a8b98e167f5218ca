"""Somebody taps their card: verified, identified, shown what is due, and given it."""

from __future__ import annotations

from dataclasses import replace

from card_service.errors import CardError
from card_service.ledger import AlreadyDrawn
from card_service.verdicts import CheckReason
from card_service.verification import CardVerification
from card_service.verified_card import LineOnCard, VerifiedCard
from domain.cards import CardProfile
from domain.deliveries import BenefitDelivery
from domain.verification import Verdict
from kiosk.flows.card_opening import note_reading, open_card
from kiosk.flows.delivering import DeliveryOutcome, DeliveryResult, deliver, receipts_owed, settle_planned
from kiosk.flows.due_prompts import due_prompt
from kiosk.flows.due_rows import amount_text, due_row, due_rows, lines_to_show
from kiosk.flows.finger_choices import finger_name
from kiosk.flows.finger_memory import best_fingers
from kiosk.flows.holder_identification import Identified, Ladder, identify
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, insist, is_again, store_problem, success, waiting
from kiosk.flows.offline_caution import Caution, allowance_of
from kiosk.flows.refusing import Refusal, refuse
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.flows.statement_renewal import renew_at_tap, revive
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture, Tone
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.services import ConfirmDelivery, DueState, Entitlements
from kiosk.screen_models.text import Text, by_language, t, verbatim
from kiosk.store.database import StoreFailed
from kiosk.ui import Ui

_CONFIRM = Action("confirm", t("serve.confirm"), "yes", Tone.PRIMARY)
_DONE = Action("done", t("serve.done"), "done")
#: Reasons after which the person is told to come to a helper, not to be turned away.
_READ_TRIES = 2


async def serve_holder(work: Workplace, ui: Ui) -> None:
    """One visit, from the card on the reader to "take your card". The caller cancels it when the card is taken."""
    try:
        card = await verified_card(work, ui)
        if card is not None:
            await _serve(work, ui, card)
    except FlowLeft:
        return
    except CardError:
        # Whatever was under way is kept; the card tells the rest at the next tap.
        await ui.ask(card_lost())
    finally:
        await work.holder_reader.release()


def card_lost() -> Notice:
    body = t("serve.put_card_back")
    title = t("serve.card_lost")
    return Notice(title=title, mood=Mood.WARNING, body=body, speak=body, icon="card_insert", actions=(OK,))


async def verified_card(work: Workplace, ui: Ui) -> VerifiedCard | None:
    """The card on the reader, genuine and in force; None when it was refused, and said so. Raises FlowLeft."""
    for attempt in range(1, _READ_TRIES + 1):
        ui.show(waiting(t("serve.reading_card"), "card"))
        result = await insist(ui, lambda: _open(work))
        if result.verdict is Verdict.VERIFIED:
            return result.card
        is_over = result.reason is CheckReason.STATEMENT_NOT_IN_FORCE
        if is_over and result.card_number is not None and await revive(work, result.card_number):
            continue
        if result.verdict is Verdict.FAILED or attempt == _READ_TRIES:
            break
        if not is_again(await ui.ask(_unread(result))):
            raise FlowLeft("card not read")
    await refuse(work, ui, _card_refusal(result))
    return None


async def _open(work: Workplace) -> CardVerification:
    """A household's card, or a worker's own."""
    result = await open_card(work, work.holder_reader, CardProfile.HOUSEHOLD)
    if result.reason is CheckReason.WRONG_PROFILE:
        worker = await open_card(work, work.holder_reader, CardProfile.WORKER)
        return worker if worker.reason is not CheckReason.WRONG_PROFILE else result
    return result


def _unread(result: CardVerification) -> Notice:
    assert result.reason is not None, "a verdict other than VERIFIED has a reason"
    body = t(result.reason.message_key)
    actions = (RETRY, Action("stop", t("action.stop"), "stop"))
    return Notice(title=t("serve.not_read"), mood=Mood.WARNING, body=body, speak=body, icon="card_off", actions=actions)


def _card_refusal(result: CardVerification) -> Refusal:
    reason = result.reason or CheckReason.UNREADABLE
    return Refusal(
        code=f"card.{reason}",
        reason=t(reason.message_key),
        alternative=t("denial.come_to_desk"),
        alternative_code="desk",
        card_number=result.card_number,
    )


async def _serve(work: Workplace, ui: Ui, card: VerifiedCard) -> None:
    await heal_card(work, ui, card)
    card = await renew_at_tap(work, card)
    ladder = Ladder()
    who = await identify(work, ui, card, ladder)
    if who is None:
        await refuse(work, ui, _not_identified(card, ladder))
        return
    owed = receipts_owed(work, card.card_number)
    for delivery in owed:
        await _hand_receipt(work, ui, card, delivery, t("serve.healed"))
    if owed:
        card = await work.holder_reader.proceed(card.with_fresh_totals)
    while True:
        chosen = await _choose(work, ui, card, who)
        if chosen is None:
            break
        card = await _deliver(work, ui, card, chosen, who, ladder)
    prompt = due_prompt(work, card)
    if prompt is not None:
        await ui.ask(prompt)


async def heal_card(work: Workplace, ui: Ui, card: VerifiedCard) -> None:
    """Settles a delivery that was cut off at this desk. A card that goes again keeps it open."""
    try:
        await settle_planned(work, card)
    except CardError:
        body = t("serve.put_card_back")
        await ui.ask(Notice(title=t("serve.not_read"), mood=Mood.WARNING, body=body, icon="card_insert", actions=(OK,)))
        raise FlowLeft("card lost while healing") from None
    except StoreFailed:
        await ui.ask(store_problem())
        raise FlowLeft("nothing can be kept") from None


def _not_identified(card: VerifiedCard, ladder: Ladder) -> Refusal:
    return Refusal(
        code="holder.not_identified",
        reason=t("denial.not_identified"),
        alternative=t("denial.bring_member_or_paper"),
        alternative_code="other_member_or_supervisor",
        card_number=card.card_number,
        rungs=ladder.rungs,
    )


async def _choose(work: Workplace, ui: Ui, card: VerifiedCard, who: Identified) -> LineOnCard | None:
    rows = due_rows(work, card)
    is_due = any(row.state is DueState.READY for row in rows)
    screen = Entitlements(
        title=t("serve.due_title"),
        speak=t("serve.due_spoken") if is_due else t("serve.nothing_due"),
        holder=verbatim(who.member.name),
        card_number=card.card_number,
        portrait=_portrait(work, card, who),
        rows=rows,
        is_online=work.sync.state.is_online,
        actions=(_DONE,),
    )
    while True:
        answer = await ui.ask(screen)
        if answer.action != "take":
            return None
        shown = lines_to_show(card, work.store.clock.today())
        line = next((each for each in shown if each.line.scheme == answer.value), None)
        if line is not None:
            return line


def _portrait(work: Workplace, card: VerifiedCard, who: Identified) -> Picture | None:
    """The holder's photograph; another member's own stays on the card until it is needed."""
    if who.member.index != 1:
        return None
    note_reading(work, "portrait.shown", card.card_number)
    return Picture(card.details.portrait_jpeg, "jpeg")


async def _deliver(
    work: Workplace, ui: Ui, card: VerifiedCard, chosen: LineOnCard, who: Identified, ladder: Ladder
) -> VerifiedCard:
    """The card with fresh totals after the attempt, whatever came of it."""
    row = due_row(work, chosen, work.store.clock.today())
    allowed = allowance_of(work, card, chosen)
    if row.state is DueState.READY and allowed.caution is not None:
        if not allowed.units:
            await refuse(work, ui, _too_cautious(card, chosen, allowed.caution, ladder))
            return card
        row = replace(row, amount=amount_text(chosen, allowed.units), detail=t(allowed.caution.message_key))
    if row.state is DueState.READY:
        confirm = ConfirmDelivery(
            title=t("serve.confirm_title"),
            speak=t("serve.confirm_spoken", what=row.name, amount=row.amount),
            holder=verbatim(who.member.name),
            portrait=_portrait(work, card, who),
            row=row,
            actions=(_CONFIRM,),
            has_back=True,
        )
        if (await ui.ask(confirm)).action != _CONFIRM.id:
            return card
    ui.show(waiting(t("serve.writing_card"), "card"))
    try:
        result = await deliver(work, card, chosen, who, ladder.rungs, units=allowed.units)
    except StoreFailed:
        await ui.ask(store_problem())
        raise FlowLeft("nothing can be kept") from None
    await _tell(work, ui, card, chosen, result, ladder)
    return await work.holder_reader.proceed(card.with_fresh_totals)


def _too_cautious(card: VerifiedCard, chosen: LineOnCard, caution: Caution, ladder: Ladder) -> Refusal:
    return Refusal(
        code=caution.code,
        reason=t(f"{caution.message_key}_reason"),
        alternative=t("caution.when_online"),
        alternative_code="when_online",
        card_number=card.card_number,
        rungs=ladder.rungs,
        programme=chosen.line.programme_code,
    )


async def _tell(
    work: Workplace, ui: Ui, card: VerifiedCard, chosen: LineOnCard, result: DeliveryResult, ladder: Ladder
) -> None:
    if result.delivery is not None:
        await _hand_receipt(work, ui, card, result.delivery, t("serve.handed_over"))
        return
    if result.outcome is DeliveryOutcome.UNKNOWN:
        body = t("serve.put_card_back")
        notice = Notice(
            title=t("serve.card_lost"), mood=Mood.WARNING, body=body, speak=body, icon="card_insert", actions=(OK,)
        )
        await ui.ask(notice)
        raise FlowLeft("card lost while writing")
    reason = _reason(chosen, result)
    await refuse(
        work,
        ui,
        Refusal(
            code=f"delivery.{result.outcome}" if result.code is None else result.code,
            reason=reason,
            alternative=t("denial.next_period"),
            alternative_code="next_period",
            card_number=card.card_number,
            rungs=ladder.rungs,
            programme=chosen.line.programme_code,
        ),
    )


def _reason(chosen: LineOnCard, result: DeliveryResult) -> Text:
    if result.refusal is not None:
        return _drawn_reason(result.refusal)
    if result.outcome is DeliveryOutcome.NOT_COLLECTABLE:
        return t("due.from", day=t("date", iso=chosen.line.collect_from.isoformat()))
    return t("serve.card_refused", code=result.code or str(result.outcome))


def _drawn_reason(refusal: AlreadyDrawn) -> Text:
    if refusal.last is None:
        return t("serve.already_drawn")
    day = t("date", iso=refusal.last.on.isoformat())
    return t("serve.already_drawn_on", day=day, desk=verbatim(_desk_of(refusal.last.terminal)))


def _desk_of(terminal: str) -> str:
    """The kiosk's id in a holder reference: country (2), id, sequence number (5); BSI TR-03110-3, A.6.1."""
    return terminal[2:-5] or terminal


async def _hand_receipt(work: Workplace, ui: Ui, card: VerifiedCard, delivery: BenefitDelivery, title: Text) -> None:
    programme = work.find_programme(delivery.scheme)
    on_card = card.details.find_line(delivery.scheme, delivery.period_key)
    name = verbatim(delivery.programme) if programme is None else by_language(programme.names)
    amount = t("quantity", count=delivery.units, measure=delivery.measure)
    if on_card is not None:
        amount = amount_text(on_card, delivery.units)
    spoken = t("serve.receipt_spoken", what=name, amount=amount)
    reference = f"{delivery.card_number}-{delivery.card_sequence}"
    notice = success(title, spoken, icon="receipt", reference=reference)
    ui.show(notice)
    await print_slip(work, ui, _receipt(work, card, delivery, name, amount, reference))
    # Until here a card pulled out, or a kiosk that stops, leaves it owed, and the next tap brings it.
    work.store.owed_receipts.remove(delivery.id)
    await ui.ask(notice)


def _best_finger(work: Workplace, card: VerifiedCard, delivery: BenefitDelivery) -> tuple[tuple[Text, Text], ...]:
    """Which finger to lay down first next time, as far as desks have learnt it; nothing for somebody without one."""
    member = next((row for row in card.details.members if row.index == delivery.member_index), None)
    fingers = () if member is None else best_fingers(work, member)
    return ((t("slip.best_finger"), finger_name(fingers[0])),) if fingers else ()


def _receipt(
    work: Workplace, card: VerifiedCard, delivery: BenefitDelivery, name: Text, amount: Text, reference: str
) -> Slip:
    return Slip(
        kind=SlipKind.DELIVERY,
        title=t("slip.delivery_title"),
        lines=(
            (t("slip.card"), verbatim(delivery.card_number)),
            (t("slip.what"), name),
            (t("slip.amount"), amount),
            (t("slip.verified_by"), t(f"verified_by.{delivery.verified_by.name.lower()}")),
            *_best_finger(work, card, delivery),
        ),
        footer=t("slip.delivery_footer"),
        reference=reference,
        desk=verbatim(work.store.identity.name),
        at=delivery.delivered_at,
        qr=f"SWR1:{delivery.card_number}:{delivery.card_sequence}:{delivery.receipt_hex}",
    )
