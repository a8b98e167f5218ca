"""The steps of issuing a card, each repeatable: what is done is kept before the next begins."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from card_service.apdu import ApduError
from card_service.authentic_card import authenticate_card
from card_service.chip_life import ChipLife, LifeState, read_chip_life
from card_service.connection import CardConnection
from card_service.data_groups import DataGroupRefused, MemberRow, decode_member_table
from card_service.errors import CardError, CardGone, CardSilent, NoCard
from card_service.layout import MEMBERS, template_file
from card_service.personalisation import (
    PersonalisationData,
    StepProgress,
    data_from_package,
    lock_card,
    prepare_chip,
    write_card,
)
from card_service.read_back import read_back
from card_service.scp03 import SessionKeySource
from card_service.security_object import SodRefused
from card_service.session import CardSession
from card_service.tlv import TlvError
from domain.card_number import CardNumber
from domain.cards import SpoilReason
from domain.events import EventKind
from domain.ids import OrderId, PersonId, make_uuid7
from domain.messages.cards import CardOrderRequest, CardSpoiled
from domain.verification import VerifiedBy
from kiosk.devices.failure import DeviceFailed
from kiosk.flows.blank_chips import write_on_blank
from kiosk.flows.workplace import Workplace
from kiosk.store.card_job import CardHolder, CardJob, CardJobStep
from kiosk.store.journal import Happening

_ID_RANDOM_BYTES = 10
#: Whatever a card that is not what we think, or a line that garbles, can end a step with.
CARD_TROUBLES = (CardError, SodRefused, DataGroupRefused, ApduError, TlvError)


class OwnCardWanted(CardError):
    """The holder's card is as good as finished, and another one lies in the reader."""

    code = "card.own_card_wanted"
    message_key = "issue.card_left"


class Chip(Enum):
    """What lies on the reader, as far as issuing is concerned."""

    BLANK = "blank"
    #: Between blank and locked, and ours to go on with.
    OURS_OPEN = "ours_open"
    #: Between blank and locked, and nobody's: it is wiped.
    STRAY = "stray"
    #: Locked: a finished card, or ours that was locked just before a tear.
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class ChipOnReader:
    """The chip, the job that belongs to it, and its serial number where it tells one."""

    chip: Chip
    job: CardJob | None
    serial_hex: str


async def look_at_chip(work: Workplace, holder: CardHolder) -> ChipOnReader:
    """What is there and what to do with it. Raises card errors."""
    life = await work.holder_reader.run(lambda connection: read_chip_life(CardSession(connection)))
    jobs = [job for _, job in work.store.card_jobs.all() if job.holder == holder]
    if life.state is LifeState.BLANK:
        return ChipOnReader(Chip.BLANK, None, _serial_hex(life))
    if life.state is LifeState.OPERATIONAL:
        return ChipOnReader(Chip.LOCKED, await _job_of_locked(work, jobs), "")
    job = next((job for job in jobs if job.chip_serial_hex == _serial_hex(life)), None)
    return ChipOnReader(Chip.STRAY if job is None else Chip.OURS_OPEN, job, _serial_hex(life))


async def _job_of_locked(work: Workplace, jobs: Sequence[CardJob]) -> CardJob | None:
    """A locked chip tells no serial: whose it is shows the number that it proves."""
    for job in jobs:
        if job.package is not None and await is_card_of(work, job):
            return job
    return None


async def is_card_of(work: Workplace, job: CardJob) -> bool:
    """Whether the card that lies in the reader now is the job's. Raises NoCard, CardGone, CardSilent, DeviceFailed."""
    assert job.package is not None, "a card with a number has its package"
    can, anchors, today = job.package.can, work.store.bundles.anchors, work.store.clock.today()

    def number(connection: CardConnection) -> CardNumber:
        return authenticate_card(CardSession(connection), anchors, on=today, can=can).card_number

    try:
        return await work.holder_reader.run(number) == job.card_number
    except (NoCard, CardGone, CardSilent, DeviceFailed):
        raise
    except CARD_TROUBLES:
        # A card that does not open with this CAN, or proves nothing, is another one.
        return False


async def make_keys(work: Workplace, holder: CardHolder) -> CardJob:
    """A wiped chip with its own fresh keys, and the job that names them. Raises BlankRefused."""
    now = work.store.clock.now()
    random = secrets.token_bytes(_ID_RANDOM_BYTES)
    order_id = OrderId(make_uuid7(unix_ms=int(now.timestamp() * 1000), random=random))
    keys = await write_on_blank(work, order_id, holder, lambda reader, source: prepare_chip(reader, keys=source))
    job = CardJob(
        order_id=order_id,
        step=CardJobStep.KEYS_MADE,
        holder=holder,
        chip_serial_hex=keys.serial.hex(),
        chip_authentication_key=keys.ca_public_key,
        receipt_key=keys.receipt_public_key,
    )
    return keep(work, job)


def burn_others(work: Workplace, holder: CardHolder, serial_hex: str) -> None:
    """This chip takes the place of those begun for the same holder, and of whatever was begun on it before.

    Raises OwnCardWanted when the holder has a card that works already.
    """
    jobs = [job for _, job in work.store.card_jobs.all() if job.holder == holder or job.chip_serial_hex == serial_hex]
    if any(job.holder == holder and job.step >= CardJobStep.PROVED for job in jobs):
        raise OwnCardWanted("the holder has a finished card")
    for job in jobs:
        spoil(work, job, "another_chip")


def spoil(work: Workplace, job: CardJob, reason: str) -> None:
    """This order will not become a card: told to the registry, forgotten here."""
    # Before it is locked a chip is wiped and serves again; afterwards it is waste.
    plastic = SpoilReason.NOT_COLLECTED if job.step >= CardJobStep.LOCKED else None
    payload = CardSpoiled(order_id=job.order_id, card_number=job.card_number, reason=reason, plastic=plastic)
    with work.store.journal.entry() as entry:
        entry.add(Happening(EventKind.CARD_SPOILED, payload, job.order_id, work.operator_id))
        work.store.card_jobs.drop(job.order_id)


async def order_package(work: Workplace, job: CardJob) -> CardJob:
    """The registry's package for this chip; sending the order again gives the same."""
    order = CardOrderRequest(
        order_id=job.order_id,
        profile=job.holder.profile,
        household_id=job.holder.household_id,
        operator_id=job.holder.operator_id,
        person_id=job.holder.person_id,
        replaces=job.holder.replaces,
        beside=job.holder.beside,
        chip_serial_hex=job.chip_serial_hex,
        chip_authentication_key=job.chip_authentication_key,
        receipt_key=job.receipt_key,
    )
    package = await work.registry.order_card(order)
    return keep(work, job.at(CardJobStep.PACKAGE_HERE, package=package, card_number=package.card_number))


async def write_and_lock(work: Workplace, job: CardJob, progress: Callable[[StepProgress], None]) -> CardJob:
    """Everything written, compared and locked. ``progress`` is called in the reader's thread. Raises BlankRefused."""
    data = data_of(job)

    def write(connection: CardConnection, source: SessionKeySource | None) -> None:
        write_card(connection, data, progress, keys=source)
        lock_card(connection, data, keys=source)

    await write_on_blank(work, job.order_id, job.holder, write)
    return keep(work, job.at(CardJobStep.LOCKED))


async def prove(work: Workplace, job: CardJob) -> CardJob:
    """The card read back through its own security, its key challenged."""
    data, anchors = data_of(job), work.store.bundles.anchors
    credential, today = work.credential, work.store.clock.today()
    proven = await work.holder_reader.run(lambda connection: read_back(connection, data, anchors, credential, on=today))
    return keep(work, job.at(CardJobStep.READ_BACK, readback_digest_hex=proven.digest.hex()))


def holder_matched(work: Workplace, job: CardJob, person_id: PersonId, verified_by: VerifiedBy) -> CardJob:
    """A member of the household was verified against the new card."""
    return keep(work, job.at(CardJobStep.HOLDER_MATCHED, holder_person_id=person_id, holder_verified_by=verified_by))


def close_job(work: Workplace, job: CardJob) -> None:
    """The card is out; its package is forgotten."""
    work.store.card_jobs.remove(job.order_id)


def data_of(job: CardJob) -> PersonalisationData:
    """What the chip is to hold."""
    assert job.package is not None, "the package is here before anything is written"
    return data_from_package(job.package, bytes.fromhex(job.chip_serial_hex))


def members_of(job: CardJob) -> list[tuple[MemberRow, bytes | None]]:
    """Members on the new card with their templates, as written and read back."""
    files = data_of(job).files
    rows = decode_member_table(files[MEMBERS.key]).rows
    return [(row, files.get(template_file(row.index).key)) for row in rows]


def _serial_hex(life: ChipLife) -> str:
    return "" if life.serial is None else life.serial.hex()


def keep(work: Workplace, job: CardJob) -> CardJob:
    """The job on disk: its step is done."""
    work.store.card_jobs.save(job.order_id, job)
    return job
