"""The composition root: the only place that knows whether a desk is real or simulated."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from card_service.trust import TrustAnchors
from domain.card_number import CardNumber, parse_card_number
from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.ids import OperatorId, PersonId
from domain.messages.kiosks import Role
from domain.people import PersonName
from enrolment.session import EnrolmentStage
from hardware_sim.card_box import CardBox, CardKind
from hardware_sim.desk.readers import CardReaders
from kiosk.card_export import export_card
from kiosk.core import open_core
from kiosk.devices.card_reader import RemoteCardConnection
from kiosk.devices.failure import DeviceName
from kiosk.devices.worker import Worker, WorkerPlan
from kiosk.flows.enrol_household import enrol_household
from kiosk.flows.issue_card import issue_card
from kiosk.flows.workplace import Officer
from kiosk.printing.artist import PrintArtist
from kiosk.settings import read_desk_plan
from kiosk.store.card_job import CardHolder
from kiosk.store.kiosk_clock import system_time
from kiosk.store.kiosk_store import KioskStore, NotJoined, open_database
from kiosk.ui import Ui

#: Stands as witness where there is no officer yet.
FOUNDER = Officer(OperatorId("founding"), PersonName(latin="Founding", local="Founding"), Role.OFFICER, CardNumber(""))
_DATABASE_FILE = "kiosk.db"
_CARDS = "cards"
_PCSC_SOCKET = "PCSCLITE_CSOCK_NAME"


class NoTrust(ProjectError):
    """No kiosk under this folder has joined a registry, so nothing says which cards to believe."""

    code = "kiosk.no_trust"
    message_key = "kiosk.not_joined"


class DeskProgramme:
    """What runs on the screen's event loop: the kiosk of ``home`` at the desk that ``desk_file`` describes."""

    def __init__(self, home: Path, desk_file: Path) -> None:
        self._home = home
        self._desk = read_desk_plan(desk_file)

    async def run(self, ui: Ui) -> None:
        """The desk, until it is ended from outside."""
        async with open_core(self._home, self._desk, PrintArtist()) as core:
            await core.run(ui)

    async def found(self, ui: Ui) -> PersonId | None:
        """Registers the very first officer, with nobody above; the registry audits it as founding.

        The person's id, to be appointed by the registry's staff; None when the registration was not finished.
        """
        async with open_core(self._home, self._desk, PrintArtist()) as core:
            await enrol_household(core.work, ui, FOUNDER)
            drafts = [draft for _, draft in core.work.drafts.all() if draft.stage is EnrolmentStage.REGISTERED]
            head = drafts[-1].head if drafts else None
            return None if head is None else head.person.id

    async def issue_officer_card(self, ui: Ui, operator_id: OperatorId) -> CardNumber | None:
        """The card of an officer whom the registry has appointed; the first one signs for itself."""
        async with open_core(self._home, self._desk, PrintArtist()) as core:
            await core.sync.sync_now()
            return await issue_card(core.work, ui, CardHolder(profile=CardProfile.OPERATOR, operator_id=operator_id))


def list_cards(home: Path) -> list[str]:
    """Numbers of the cards issued at the simulated desk, the newest last."""
    faces = CardBox(home / _CARDS).list()
    return [face.number for face in faces if face.kind is not CardKind.COPY]


def export(home: Path, number: str, directory: Path) -> Sequence[Path]:
    """The files of one issued card, read over PC/SC from a reader of its own."""
    card_number, trust = parse_card_number(number), find_trust(home)
    today = system_time().astimezone().date()
    with tempfile.TemporaryDirectory(prefix="sw-") as sockets:
        readers = CardReaders(Path(sockets) / "pcsc", CardBox(home / _CARDS))
        readers.plug()
        try:
            readers.insert(0, card_number)
            plan = WorkerPlan(
                DeviceName.CARD_READER,
                "kiosk.devices.servants.card_reader_servant:make",
                {"reader": readers.reader_names[0]},
                {_PCSC_SOCKET: str(readers.pcsc_socket)},
            )
            worker = Worker(plan)
            try:
                connection = RemoteCardConnection(worker)
                return export_card(connection, trust.anchors, directory, on=today, terminal_chain=trust.terminal_chain)
            finally:
                worker.close()
        finally:
            readers.stop()


@dataclass(frozen=True)
class DeskTrust:
    """What a kiosk believes, and the certificates that it shows to cards."""

    anchors: TrustAnchors
    terminal_chain: tuple[bytes, ...]


def find_trust(home: Path) -> DeskTrust:
    """That of some kiosk under this folder; NoTrust when none has joined."""
    for database_file in sorted(home.rglob(_DATABASE_FILE)):
        database = open_database(database_file.parent)
        try:
            store = KioskStore(database)
            if store.bundles.is_there:
                bundle = store.bundles.current
                return DeskTrust(store.bundles.anchors, tuple(bundle.terminal_chain or store.identity.terminal_chain))
        except NotJoined:
            continue
        finally:
            database.close()
    raise NoTrust("no kiosk has joined a registry")
