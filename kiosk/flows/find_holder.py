"""Somebody without a card: found by a finger alone, or by number or name and the officer's look at the face."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.card_number import CardNumber, CardNumberWrong, parse_card_number
from domain.fingers import FingerPosition
from domain.messages.card_services import HPKE_INFO_HOLDER_SEARCH, HolderFound, HolderSearch, HolderSearchAnswer
from domain.verification import TRIES_A_FINGER, FaceJudgement, VerifiedBy
from kiosk.flows.face_judging import judge_face
from kiosk.flows.finger_reading import NobodyThere, await_lifted, read_finger
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, STOP, insist, waiting
from kiosk.flows.workplace import Officer, Workplace
from kiosk.registry_client import RegistryUnreachable
from kiosk.screen_models.base import Action, Picture
from kiosk.screen_models.general import BirthEntry, Choice, Mood, Notice, Option, TextEntry
from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import t, verbatim
from kiosk.ui import Answer, Ui

_BY_NUMBER = Action("number", t("find.by_number"), "id_paper")
_BY_NAME = Action("name", t("find.by_name"), "face")
_SEARCH_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class KnownHolder:
    """A registered person, and how the desk knows that it is this one."""

    found: HolderFound
    verified_by: VerifiedBy
    face: FaceJudgement | None = None


@dataclass(frozen=True, slots=True)
class OnlyNumber:
    """The registry is out of reach: all that is known is the number on a paper."""

    card_number: CardNumber


async def find_holder(work: Workplace, ui: Ui, officer: Officer) -> KnownHolder | OnlyNumber:
    """Until somebody is found. Raises FlowLeft when the officer stops."""
    attempt = 0
    while True:
        attempt = attempt % TRIES_A_FINGER + 1
        reading = await insist(ui, partial(read_finger, work, ui, _screen(attempt), is_any=True))
        if isinstance(reading, Answer):
            return await _other_way(work, ui, officer, reading)
        if isinstance(reading, NobodyThere) or not reading.template:
            continue
        search = _finger_search(work, officer, reading.template)
        ui.show(waiting(t("find.searching"), "search"))
        answer = await insist(ui, partial(work.registry.search_holder, search))
        if answer.found:
            return KnownHolder(await _choose(ui, answer), VerifiedBy.FINGER)
        touched = await ui.ask(_nobody(answer))
        if touched.action != RETRY.id:
            return await _other_way(work, ui, officer, touched)
        await await_lifted(work)


def _screen(attempt: int) -> FingerCapture:
    return FingerCapture(
        title=t("find.title"),
        speak=t("find.place_finger") if attempt == 1 else t("serve.try_again"),
        person=t("find.anybody"),
        position=FingerPosition.RIGHT_THUMB,
        phase=FingerPhase.WAITING,
        attempt=attempt,
        tries=TRIES_A_FINGER,
        actions=(_BY_NUMBER, _BY_NAME, STOP),
        timeout_s=None,
    )


def _finger_search(work: Workplace, officer: Officer, template: bytes) -> HolderSearch:
    """The finger sealed, so that only the registry can look at it."""
    search_id = secrets.token_hex(_SEARCH_ID_BYTES)
    key = X25519PublicKey.from_public_bytes(work.store.bundles.current.enrolment_key)
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    sealed = suite.encrypt(template, key, HPKE_INFO_HOLDER_SEARCH + search_id.encode())
    return HolderSearch(search_id=search_id, operator_id=officer.operator_id, sealed_finger=sealed)


def _nobody(answer: HolderSearchAnswer) -> Notice:
    body = t("find.nobody_some_unsearchable") if answer.unsearchable else t("find.nobody")
    actions = (RETRY, _BY_NUMBER, _BY_NAME, STOP)
    return Notice(title=t("find.title"), mood=Mood.WARNING, body=body, speak=body, icon="search", actions=actions)


async def _choose(ui: Ui, answer: HolderSearchAnswer) -> HolderFound:
    if len(answer.found) == 1:
        return answer.found[0]
    options = tuple(
        Option(each.person_id, verbatim(each.name.local or each.name.latin), "person", _picture(each))
        for each in answer.found
    )
    question = t("face.who_is_here")
    screen = Choice(title=t("find.title"), question=question, speak=question, options=options, has_back=True)
    chosen = await ui.ask(screen)
    found = next((each for each in answer.found if each.person_id == chosen.value), None)
    if found is None:
        raise FlowLeft("nobody of those found")
    return found


async def _other_way(work: Workplace, ui: Ui, officer: Officer, touched: Answer) -> KnownHolder | OnlyNumber:
    if touched.action == _BY_NUMBER.id:
        return await _by_number(work, ui, officer)
    if touched.action == _BY_NAME.id:
        return await _by_name(work, ui, officer)
    raise FlowLeft("left while looking for the holder")


async def _by_number(work: Workplace, ui: Ui, officer: Officer) -> KnownHolder | OnlyNumber:
    number = await _ask_number(ui)
    search = HolderSearch(
        search_id=secrets.token_hex(_SEARCH_ID_BYTES), operator_id=officer.operator_id, card_number=number
    )
    ui.show(waiting(t("find.searching"), "search"))
    try:
        answer = await work.registry.search_holder(search)
    except RegistryUnreachable:
        return OnlyNumber(number)
    return await _known_by_face(work, ui, officer, answer)


async def _ask_number(ui: Ui) -> CardNumber:
    problem = None
    while True:
        screen = TextEntry(title=t("find.title"), question=t("find.which_number"), problem=problem, has_back=True)
        answer = await ui.ask(screen)
        if answer.action != "done":
            raise FlowLeft("no number")
        try:
            return parse_card_number(str(answer.value))
        except CardNumberWrong:
            problem = t("error.card_number_wrong")


async def _by_name(work: Workplace, ui: Ui, officer: Officer) -> KnownHolder:
    name = await ui.ask(TextEntry(title=t("find.title"), question=t("find.which_name"), has_back=True))
    if name.action != "done":
        raise FlowLeft("no name")
    born = await ui.ask(BirthEntry(title=t("find.title"), question=t("find.how_old"), has_back=True))
    if born.action not in ("done", "about"):
        raise FlowLeft("no age")
    year = work.store.clock.today().year - int(born.value or 0) if born.action == "about" else int(str(born.value)[:4])
    search = HolderSearch(
        search_id=secrets.token_hex(_SEARCH_ID_BYTES),
        operator_id=officer.operator_id,
        name=str(name.value),
        birth_year=year,
    )
    ui.show(waiting(t("find.searching"), "search"))
    return await _known_by_face(work, ui, officer, await insist(ui, partial(work.registry.search_holder, search)))


async def _known_by_face(work: Workplace, ui: Ui, officer: Officer, answer: HolderSearchAnswer) -> KnownHolder:
    """Without a finger the officer answers for it that this is the person on the registered photograph."""
    if answer.found:
        found = await _choose(ui, answer)
        picture = _picture(found)
        if picture is not None:
            name, number = verbatim(found.name.latin), found.person_id
            judged = await judge_face(
                work, ui, name, picture, officer_id=officer.operator_id, subject=number, barred=(number,)
            )
            if judged.is_same:
                return KnownHolder(found, VerifiedBy.FACE_AND_OFFICER, judged.judgement)
    body = t("find.nobody")
    notice = Notice(title=t("find.title"), mood=Mood.WARNING, body=body, speak=body, icon="search", actions=(OK,))
    await ui.ask(notice)
    raise FlowLeft("nobody found")


def _picture(found: HolderFound) -> Picture | None:
    return None if found.portrait is None else Picture(found.portrait, "jpeg")
