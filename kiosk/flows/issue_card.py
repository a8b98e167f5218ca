"""A card issued on the spot. It may be cut off anywhere: the card's job says where to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from card_service.errors import (
    CardError,
    CardGone,
    CardRefused,
    CardSilent,
    NoCard,
    ReadBackDiffers,
    WrongChip,
)
from card_service.personalisation import StepProgress
from card_service.quota import QuotaUsedUp
from domain.card_number import CardNumber, spaced
from domain.cards import CardProfile
from kiosk.card_watcher import CardTakenAway
from kiosk.devices.failure import DeviceFailed
from kiosk.flows import card_activation, card_steps
from kiosk.flows.blank_chips import BlankRefused
from kiosk.flows.card_steps import Chip, OwnCardWanted
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.new_card_holder import match_holder
from kiosk.flows.notices import OK, RETRY, STOP, device_problem, insist, is_again, success
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Picture
from kiosk.screen_models.general import Mood, Notice, PictureView, StepLine, Steps, StepState
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.card_job import CardHolder, CardJob, CardJobStep
from kiosk.ui import Answer, Ui

#: What people see of the nine steps of the job.
_LINES: tuple[tuple[str, CardJobStep], ...] = (
    ("issue.step_keys", CardJobStep.KEYS_MADE),
    ("issue.step_signed", CardJobStep.PACKAGE_HERE),
    ("issue.step_written", CardJobStep.LOCKED),
    ("issue.step_checked", CardJobStep.READ_BACK),
    ("issue.step_finger", CardJobStep.HOLDER_MATCHED),
    ("issue.step_officer", CardJobStep.COUNTERSIGNED),
    ("issue.step_active", CardJobStep.ACTIVE),
)
_BROKEN_CHIP = (CardRefused, ReadBackDiffers)


@dataclass(slots=True)
class _Board:
    """The list of steps on the screen."""

    ui: Ui
    done: int = 0
    share_of_writing: float = 0.0

    def show(self, job: CardJob | None) -> None:
        self.done = 0 if job is None else int(job.step)
        lines = tuple(self._line(key, step) for key, step in _LINES)
        finished = sum(line.state is StepState.DONE for line in lines)
        share = (finished + self.share_of_writing) / len(lines)
        self.ui.show(Steps(title=t("issue.title"), steps=lines, share_done=min(1.0, share), timeout_s=None))

    def _line(self, key: str, step: CardJobStep) -> StepLine:
        if self.done >= step:
            return StepLine(t(key), StepState.DONE)
        before = [each for _, each in _LINES if each < step]
        is_next = all(self.done >= each for each in before)
        return StepLine(t(key), StepState.DOING if is_next else StepState.WAITING)


async def issue_card(work: Workplace, ui: Ui, holder: CardHolder) -> CardNumber | None:
    """The number of the card now in the holder's hand; None when the officer stopped. Unfinished jobs are kept."""
    try:
        job = await _make_card(work, ui, holder)
        assert job.card_number is not None, "an active card has a number"
        await _print_face(work, ui, job)
    except FlowLeft:
        return None
    finally:
        await work.holder_reader.release()
    card_steps.close_job(work, job)
    number = spaced(job.card_number)
    await ui.ask(
        success(t("issue.done_title"), t("issue.done", number=verbatim(number)), icon="card", reference=number)
    )
    return job.card_number


async def _make_card(work: Workplace, ui: Ui, holder: CardHolder) -> CardJob:
    """The job in step ACTIVE, however often the card was taken out on the way."""
    board = _Board(ui)
    while True:
        await _await_card(work, ui)
        try:
            job = await insist(ui, lambda: _start(work, holder))
            board.show(job)
            return await _go_on(work, ui, board, job)
        except (CardGone, CardSilent, NoCard, CardTakenAway, OwnCardWanted):
            await _ask_or_leave(ui, _problem("issue.card_left", "card_insert"))
        except WrongChip:
            await _ask_or_leave(ui, _problem("issue.wrong_card", "card_off"))
        except DeviceFailed as failure:
            await _ask_or_leave(ui, device_problem(failure))
        except BlankRefused as refused:
            await _ask_or_leave(ui, _problem(f"issue.blank.{refused.trouble}", "card_off"))
        except card_steps.CARD_TROUBLES as error:
            await _ask_or_leave(ui, _problem("issue.card_trouble", "card_off", code=error.code))


async def _await_card(work: Workplace, ui: Ui) -> None:
    if work.holder_watcher.is_present:
        return
    prompt = t("issue.insert_blank")
    ui.show(
        Notice(
            title=t("issue.title"),
            mood=Mood.INFO,
            body=prompt,
            speak=prompt,
            icon="card_insert",
            actions=(STOP,),
            timeout_s=None,
        )
    )
    if isinstance(await answer_or(ui, work.holder_watcher.wait_present()), Answer):
        raise FlowLeft("no card to write")


async def _start(work: Workplace, holder: CardHolder) -> CardJob:
    """The job for the chip on the reader: a new one, or the one that was cut off."""
    found = await card_steps.look_at_chip(work, holder)
    if found.chip is Chip.LOCKED:
        if found.job is None:
            raise _not_this_one(work, holder)
        # Locked, and the tear came before we noted it.
        return found.job.at(CardJobStep.LOCKED)
    if found.job is not None:
        return found.job
    card_steps.burn_others(work, holder, found.serial_hex)
    return await card_steps.make_keys(work, holder)


def _not_this_one(work: Workplace, holder: CardHolder) -> CardError:
    """What to say to a finished card that is not the holder's."""
    jobs = [job for _, job in work.store.card_jobs.all() if job.holder == holder]
    if any(job.step >= CardJobStep.LOCKED for job in jobs):
        return OwnCardWanted("the holder's own card is begun")
    return WrongChip("a finished card")


async def _go_on(work: Workplace, ui: Ui, board: _Board, job: CardJob) -> CardJob:
    while job.step < CardJobStep.ACTIVE:
        try:
            job = await _next_step(work, ui, board, job)
        except BlankRefused as refused:
            if refused.trouble.ends_order:
                card_steps.spoil(work, job, refused.trouble)
            raise
        except _BROKEN_CHIP as error:
            if job.step >= CardJobStep.LOCKED:
                raise
            # Wiped by the next keys; its number is burned.
            card_steps.spoil(work, job, error.code)
            job = await insist(ui, partial(card_steps.make_keys, work, job.holder))
        board.show(job)
    return job


async def _next_step(work: Workplace, ui: Ui, board: _Board, job: CardJob) -> CardJob:
    """Exactly one step further."""
    match job.step:
        case CardJobStep.KEYS_MADE:
            return await insist(ui, lambda: card_steps.order_package(work, job))
        case CardJobStep.PACKAGE_HERE:
            return await insist(ui, lambda: card_steps.write_and_lock(work, job, _progress(board, job)))
        case CardJobStep.LOCKED:
            return await card_steps.prove(work, job)
        case CardJobStep.READ_BACK:
            return await work.holder_watcher.while_present(match_holder(work, ui, job))
        case CardJobStep.HOLDER_MATCHED:
            return await _countersign(work, ui, job)
        case CardJobStep.COUNTERSIGNED:
            return await insist(ui, lambda: card_activation.ask_grant(work, job))
        case CardJobStep.GRANTED:
            return await card_activation.activate_on_card(work, job)
        case CardJobStep.PROVED:
            return await insist(ui, lambda: card_activation.report_active(work, job))
    raise AssertionError("an active card has no next step")


async def _countersign(work: Workplace, ui: Ui, job: CardJob) -> CardJob:
    """Asks for the officer's card and finger until one signs."""
    if job.holder.profile is CardProfile.OPERATOR and _has_no_officer(work):
        return await card_activation.sign_for_itself(work, job)
    while True:
        try:
            # Nobody signs for a card of his own; the registry looks at the whole household besides.
            own = frozenset(each for each in (job.holder_person_id, job.holder.person_id) if each is not None)
            officer, card = await show_officer(work, ui, barred=own)
            work.officer = officer
            return await card_activation.sign_for(work, job, officer, card)
        except QuotaUsedUp:
            reason = t("issue.quota_used_up")
            notice = Notice(
                title=t("issue.officer_needed"),
                mood=Mood.WARNING,
                body=reason,
                speak=reason,
                icon="officer",
                actions=(RETRY, STOP),
            )
            await _ask_or_leave(ui, notice)
        except (OfficerRefused, CardTakenAway, CardError) as error:
            reason = error.reason if isinstance(error, OfficerRefused) else t("login.card_lost")
            notice = Notice(
                title=t("issue.officer_needed"), mood=Mood.WARNING, body=reason, icon="officer", actions=(RETRY, STOP)
            )
            await _ask_or_leave(ui, notice)
        finally:
            await work.officer_reader.release()


def _has_no_officer(work: Workplace) -> bool:
    return all(operator.card_number is None for operator in work.store.bundles.current.operators)


def _progress(board: _Board, job: CardJob) -> Callable[[StepProgress], None]:
    """A callback for the reader's thread that moves the bar on the event loop."""
    loop = asyncio.get_running_loop()

    def move(share: float) -> None:
        board.share_of_writing = share
        board.show(job)

    def report(step: StepProgress) -> None:
        loop.call_soon_threadsafe(move, step.done / step.total)

    return report


async def _print_face(work: Workplace, ui: Ui, job: CardJob) -> None:
    """The plastic printed; the card works also without, and the face can be printed again."""
    assert job.package is not None, "an active card has its package"
    face = job.package.face
    drawn = await asyncio.to_thread(work.artist.draw_face, face)
    try:
        await _await_its_card(work, ui, job)
        await insist(ui, lambda: work.card_printer.print_face(face.card_number, face.can, drawn.document, face.profile))
    except FlowLeft:
        return
    if drawn.front_png:
        await ui.ask(PictureView(title=t("issue.face_title"), picture=Picture(drawn.front_png, "png"), actions=(OK,)))


async def _await_its_card(work: Workplace, ui: Ui, job: CardJob) -> None:
    """A face is printed on the card it belongs to, whatever was put in while the registry was asked."""
    while True:
        try:
            if await insist(ui, lambda: card_steps.is_card_of(work, job)):
                return
        except (CardGone, CardSilent, NoCard):
            pass  # no card is not the right card either
        await _ask_or_leave(ui, _problem("issue.card_left", "card_insert"))


async def _ask_or_leave(ui: Ui, notice: Notice) -> None:
    if not is_again(await ui.ask(notice)):
        raise FlowLeft("issuing stopped; the job is kept")


def _problem(key: str, icon: str, **values: str) -> Notice:
    body: Text = t(key, **values)
    return Notice(title=t("issue.problem"), mood=Mood.WARNING, body=body, speak=body, icon=icon, actions=(RETRY, STOP))
