"""Sessions with chips of the stock, and quotas of officers' cards, against the registry."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select, update

from card_service.authority import Authority
from card_service.quota import decode_quota_grant, is_grant_for
from card_service.scp03_issuer import KEY_INFO
from central_api.app import open_registry
from central_api.context import Registry
from central_api.countersignatures import note_countersignature
from central_api.enrolments.sealed_submission import enrolment_suite
from central_api.issuing.channel import MOST_SESSIONS
from central_api.operators.repository import add_operator
from central_api.settings import Settings
from central_api.tables.cards import cards
from central_api.tables.journal import audit_lines
from domain.cards import CardProfile, CardStatus
from domain.ids import OperatorId
from domain.messages.card_channels import CARD_CHANNEL, HPKE_INFO_CHANNEL, CardChannelAnswer, CardChannelRequest
from domain.messages.kiosks import Role
from domain.messages.officer_quota import QUOTA_GRANTS, QuotaAnswer, QuotaRequest
from domain.messages.sync import ErrorBody
from domain.officer_quota import OFFICER_QUOTA, quota_to_grant
from domain.people import Household
from domain.record import Record
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.fakes import START, Clock, ExactFingers
from tests.api.people import make_family
from tests.api.registered import TestCard, add_card, send_submission
from tests.unit.card_service_issuer.authority import memory_authority
from tests.unit.card_service_issuer.test_session_keys_of_the_issuer import MASTER, SERIAL, Stock, cmac, kdf


class StockedCupboard(Stock):
    """Signing keys and transport keys in one store, as a token holds them."""

    def __init__(self, cupboard: object) -> None:
        super().__init__({"B": MASTER})
        self.cupboard = cupboard

    def __getattr__(self, name: str) -> object:
        return getattr(self.cupboard, name)


@pytest.fixture(scope="session")
def authority() -> Authority:
    authority = memory_authority(START.date())[0]
    authority.keys = StockedCupboard(authority.keys)  # type: ignore[assignment]
    return authority


@pytest.fixture
def registry(database_url: str, tmp_path: Path, clock: Clock, authority: Authority) -> Iterator[Registry]:
    settings = Settings(home=tmp_path / "home", database_url=database_url)
    registry = open_registry(settings, authority, ExactFingers(), clock)
    yield registry
    registry.database.close()


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    family = make_family(AREA)
    send_submission(kiosk, family)
    return family


def ask_channel(
    family: Household, *, sequence: int = 1, master: bytes = MASTER, serial: bytes = SERIAL
) -> tuple[CardChannelRequest, X25519PrivateKey, bytes]:
    """A request, the key that opens its answer, and S-MAC as the chip has it."""
    host, card, reply = secrets.token_bytes(8), secrets.token_bytes(8), X25519PrivateKey.generate()
    mac = kdf(cmac(master, b"\x02" + serial), 0x06, 16, host + card)
    request = CardChannelRequest(
        household_id=family.id,
        chip_serial_hex=serial.hex(),
        key_info_hex=KEY_INFO.hex(),
        host_challenge_hex=host.hex(),
        card_challenge_hex=card.hex(),
        sequence=sequence,
        card_cryptogram_hex=kdf(mac, 0x00, 8, host + card).hex(),
        reply_key=reply.public_key().public_bytes_raw(),
    )
    return request, reply, mac


def post(kiosk: TestKiosk, path: str, message: Record) -> tuple[int, str]:
    response: httpx.Response = kiosk.post(path, message)
    code = "" if response.is_success else ErrorBody.model_validate_json(response.content).code
    return response.status_code, code


def lines(registry: Registry, action: str) -> int:
    with registry.database.read() as connection:
        return len(connection.execute(select(audit_lines.c.sequence).where(audit_lines.c.action == action)).all())


PATH = CARD_CHANNEL.format(order_id="order-1")


def test_a_desk_gets_the_keys_of_its_session_sealed_to_it(
    kiosk: TestKiosk, family: Household, registry: Registry
) -> None:
    request, reply, mac = ask_channel(family)
    response = kiosk.post(PATH, request)
    answer = CardChannelAnswer.model_validate_json(response.content)
    info = HPKE_INFO_CHANNEL + f"order-1/{request.host_challenge_hex}".encode()
    plain = enrolment_suite().decrypt(answer.sealed, reply, info)
    assert (len(plain), plain[16:32]) == (48, mac)
    assert mac not in response.content
    assert lines(registry, "card.channel_opened") == 1


def test_no_keys_for_anothers_order_a_strange_chip_a_replay_or_nobody(
    kiosk: TestKiosk, family: Household, registry: Registry, new_kiosk: NewKiosk
) -> None:
    first = ask_channel(family, sequence=5)[0]
    assert post(kiosk, PATH, first)[0] == 200
    assert post(kiosk, PATH, first) == (422, "card.channel_refused"), "the same answer of the chip again"
    assert post(kiosk, PATH, ask_channel(family, sequence=4)[0]) == (422, "card.channel_refused")
    assert post(new_kiosk(), PATH, ask_channel(family, sequence=6)[0]) == (409, "card.order_not_open")
    other_chip = ask_channel(family, sequence=6, serial=bytes(8))[0]
    assert post(kiosk, PATH, other_chip) == (409, "card.order_not_open")
    forged = ask_channel(family, sequence=6, master=bytes(16))[0]
    assert post(kiosk, PATH, forged) == (422, "card.channel_refused")
    unknown = ask_channel(family, sequence=6)[0].model_copy(update={"household_id": "H-none"})
    assert post(kiosk, CARD_CHANNEL.format(order_id="order-2"), unknown) == (404, "err.not_found")
    nobody = ask_channel(family, sequence=6)[0].model_copy(update={"household_id": None})
    assert post(kiosk, CARD_CHANNEL.format(order_id="order-2"), nobody)[0] == 422
    assert lines(registry, "card.channel_refused") == 5


def test_an_order_has_so_many_sessions_and_no_more(kiosk: TestKiosk, family: Household) -> None:
    codes = [post(kiosk, PATH, ask_channel(family, sequence=n)[0])[0] for n in range(1, MOST_SESSIONS + 3)]
    assert codes == [200] * MOST_SESSIONS + [429, 429]


def test_a_finished_card_opens_no_more(kiosk: TestKiosk, family: Household, registry: Registry) -> None:
    card = add_card(registry, kiosk, family)
    with registry.begin() as transaction:
        row = update(cards).where(cards.c.number == card.number)
        transaction.connection.execute(row.values(order_id="order-1", chip_serial_hex=SERIAL.hex()))
    assert post(kiosk, PATH, ask_channel(family)[0]) == (409, "card.order_not_open")


@pytest.fixture
def officer(registry: Registry, kiosk: TestKiosk, family: Household) -> TestCard:
    """An officer's active card."""
    card = add_card(registry, kiosk, family)
    with registry.begin() as transaction:
        add_operator(
            transaction.connection, OperatorId("op-1"), family.members[0].person.id, Role.OFFICER, transaction.now
        )
        row = update(cards).where(cards.c.number == card.number)
        values = {"profile": CardProfile.OPERATOR, "operator_id": "op-1", "household_id": None}
        transaction.connection.execute(row.values(**values))
    return card


def issued(registry: Registry, kiosk: TestKiosk, family: Household, officer: TestCard, count: int) -> None:
    for _ in range(count):
        card = add_card(registry, kiosk, family)
        with registry.begin() as transaction:
            row = update(cards).where(cards.c.number == card.number)
            transaction.connection.execute(row.values(issued_on=date(2026, 3, 9)))
            note_countersignature(transaction, card.number, officer.number, bytes(64))
            note_countersignature(transaction, card.number, officer.number, bytes(64))


def quota_request(officer: TestCard, **changes: int) -> QuotaRequest:
    plain = {"remaining": 295, "last_grant_number": 0, "signatures_made": 5, **changes}
    return QuotaRequest(officer_card_number=officer.number, **plain)


def test_signatures_found_in_issued_cards_are_given_back(
    registry: Registry, kiosk: TestKiosk, family: Household, officer: TestCard, authority: Authority
) -> None:
    issued(registry, kiosk, family, officer, 3)
    response = kiosk.post(QUOTA_GRANTS, quota_request(officer))
    answer = QuotaAnswer.model_validate_json(response.content)
    assert (answer.number, answer.quota) == (1, OFFICER_QUOTA - 2), "two signatures are not explained"
    from card_service.ecdsa_raw import encode_point

    grant = decode_quota_grant(answer.grant)
    point = encode_point(officer.key.public_key())
    assert is_grant_for(grant, point, authority.quota_authority.public_point)
    again = kiosk.post(QUOTA_GRANTS, quota_request(officer))
    assert QuotaAnswer.model_validate_json(again.content) == answer, "the card never took it"
    taken = quota_request(officer, remaining=298, last_grant_number=1)
    assert post(kiosk, QUOTA_GRANTS, taken) == (422, "card.quota_refused")
    assert lines(registry, "card.quota_granted") == 1
    assert lines(registry, "card.quota_refused") == 1
    issued(registry, kiosk, family, officer, 2)
    last = QuotaAnswer.model_validate_json(kiosk.post(QUOTA_GRANTS, taken).content)
    assert (last.number, last.quota) == (2, OFFICER_QUOTA)


def test_without_evidence_there_is_no_new_quota(kiosk: TestKiosk, officer: TestCard) -> None:
    for made, remaining in ((300, 0), (5, 295), (400, 0)):
        request = quota_request(officer, signatures_made=made, remaining=remaining)
        assert post(kiosk, QUOTA_GRANTS, request) == (422, "card.quota_refused")


def test_only_an_active_officers_card_gets_a_quota(
    registry: Registry, kiosk: TestKiosk, family: Household, officer: TestCard
) -> None:
    household_card = add_card(registry, kiosk, family)
    assert post(kiosk, QUOTA_GRANTS, quota_request(household_card)) == (404, "err.not_found")
    with registry.begin() as transaction:
        row = update(cards).where(cards.c.number == officer.number)
        transaction.connection.execute(row.values(status=CardStatus.BLOCKED))
    assert post(kiosk, QUOTA_GRANTS, quota_request(officer)) == (404, "err.not_found")


@pytest.mark.parametrize(
    ("made", "evidenced", "remaining", "granted"),
    [(300, 300, 0, 300), (300, 0, 0, None), (300, 299, 0, 299), (10, 10, 290, 300), (0, 0, 300, None), (3, 9, 1, 300)],
)
def test_the_rule_gives_back_what_is_evidenced(made: int, evidenced: int, remaining: int, granted: int | None) -> None:
    assert quota_to_grant(signatures_made=made, evidenced=evidenced, remaining=remaining) == granted
