"""Two desks with stores and sync of their own, and the registry between them: what one learns, the other asks for."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import httpx

from central_api.app import create_app
from central_api.context import Registry
from central_api.kiosks.service import put_code
from domain.events import EventKind
from domain.finger_rank import FingerOutcome
from domain.fingers import FingerPosition
from domain.ids import AreaCode
from domain.messages.enrolment import ExceptionLasting, FingerExcepted, FingerException
from domain.messages.fingers import FingersTried
from domain.messages.kiosks import KioskRegistration
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.identity import KioskIdentity
from kiosk.store.journal import Happening
from kiosk.store.kiosk_store import KioskStore, keep_identity, keys_for_joining, open_database
from kiosk.store.meta import Meta
from kiosk.sync import Sync
from tests.api.client import BASE_URL, TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger, make_submission, seal
from tests.api.registered import add_card

THUMB, INDEX, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX


class Desk:
    """A kiosk's store and sync, over HTTP messages to the application itself."""

    def __init__(self, registry: Registry, home: Path) -> None:
        self._registry = registry
        self._home = home
        self.store: KioskStore

    async def join(self) -> None:
        database = open_database(self._home)
        meta, code = Meta(database), self._home.name.upper()
        keys = keys_for_joining(meta, database)
        with self._registry.begin() as transaction:
            put_code(transaction, code, "test", self._registry.now() + timedelta(days=1))
        registration = KioskRegistration(
            one_time_code=code,
            kiosk_name=code,
            area=AreaCode(AREA),
            signing_key=keys.signing_public_key,
            terminal_key=keys.terminal_point,
        )
        client = self._client(None)
        answer = await client.join(registration)
        await client.close()
        identity = KioskIdentity(
            kiosk_id=answer.kiosk_id,
            name=code,
            area=AreaCode(AREA),
            registry_url=BASE_URL,
            keys=keys,
            terminal_chain=answer.terminal_chain,
            registry_key=answer.registry_key,
        )
        keep_identity(meta, database, identity)
        self.store = KioskStore(database, time_source=self._registry.now)

    def _client(self, signer: RequestSigner | None) -> RegistryClient:
        return RegistryClient(BASE_URL, signer, transport=httpx.ASGITransport(create_app(self._registry)))

    async def sync(self) -> None:
        signer = RequestSigner(self.store.kiosk_id, self.store.identity.keys.signer, self._registry.now)
        client = self._client(signer)
        state = await Sync(self.store, client, self.store.identity.registry_public_key).sync_now()
        await client.close()
        assert state.is_online
        assert self.store.outbox.count_waiting() == 0


def test_what_one_desk_learns_and_notes_reaches_the_other_through_its_own_sync(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path
) -> None:
    family = make_family(AREA)
    head = family.head.person.id
    fingers = [
        make_finger(rank, position).model_copy(update={"rank": rank, "pair_evidence": 60})
        for rank, position in enumerate((THUMB, INDEX, LEFT), start=1)
    ]
    submission = make_submission(family, kiosk.id, kiosk.now(), {head: fingers})
    gone = FingerExcepted(
        position=FingerPosition.LEFT_THUMB, reason=FingerException.MISSING, lasting=ExceptionLasting.PERMANENT
    )
    captures = tuple(
        each.model_copy(update={"excepted": (gone,)}) if each.person_id == head else each
        for each in submission.captures
    )
    submission = submission.model_copy(update={"captures": captures})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    card = add_card(registry, kiosk, family)
    here, there = Desk(registry, tmp_path / "here"), Desk(registry, tmp_path / "there")

    async def story() -> None:
        await here.join()
        await there.join()
        await there.sync()
        known = there.store.fingers_known.find(head)
        assert known is not None
        assert known.order == (THUMB, INDEX, LEFT)
        assert known.left_alone(on=date(2030, 1, 1)) == {FingerPosition.LEFT_THUMB}
        tries = [FingerOutcome(position=THUMB, is_match=False, at=registry.now())] * 3
        tries.append(FingerOutcome(position=INDEX, is_match=True, at=registry.now()))
        told = FingersTried(card_number=card.number, person_id=head, tries=tuple(tries))
        here.store.journal.record(Happening(EventKind.FINGERS_TRIED, told, card.number, None))
        await here.sync()
        await there.sync()
        known = there.store.fingers_known.find(head)
        assert known is not None
        assert known.order == (INDEX, LEFT, THUMB)
        assert known.learnt_until == registry.now()

    asyncio.run(story())
