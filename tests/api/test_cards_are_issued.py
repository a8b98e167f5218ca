"""A card from order to ACTIVE: on simulated chips, with the issuer's real certificates, against the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from card_service.authority import Authority
from card_service.issuer import SigningPolicy
from card_service.packed_numbers import PackedNumbers
from card_service.signing import KeyRole, KeyStoreUnavailable, Signer
from central_api.app import open_registry
from central_api.cards import service
from central_api.cards.signing_desk import SIGNING_ALARMS, SigningAlarms
from central_api.context import Registry
from central_api.journal.audit_chain import AuditStream
from central_api.operators.repository import add_operator
from central_api.places.repository import put_areas
from central_api.programmes.catalogue_files import load_catalogue
from central_api.programmes.repository import put_programme
from central_api.sample.areas import load_areas
from central_api.settings import Settings
from central_api.tables.cards import cards
from central_api.tables.journal import audit_lines
from domain.cards import CardProfile, CardStatus
from domain.events import EventKind
from domain.ids import HouseholdId, OperatorId
from domain.messages import routes
from domain.messages.cards import ActivationRequest, CardOrderRequest, CardState
from domain.messages.kiosks import Role
from domain.messages.revocations import REVOCATIONS, RevocationUpdate
from domain.messages.sync import ErrorBody, EventVerdict
from domain.people import Household, Member, Relationship, Sex
from domain.record import Record
from domain.verification import Verdict
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.fakes import START, Clock, ExactFingers
from tests.api.issuing import Chip, Desk, Officer
from tests.api.people import make_family, make_finger, make_person
from tests.api.registered import FOOD, RATION_KG, choose, send_submission
from tests.unit.card_service_issuer.authority import memory_authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    return memory_authority(START.date())[0]


@pytest.fixture
def registry(database_url: str, tmp_path: Path, clock: Clock, authority: Authority) -> Iterator[Registry]:
    """As in conftest, with issuing keys."""
    settings = Settings(home=tmp_path / "home", database_url=database_url)
    registry = open_registry(settings, authority, ExactFingers(), clock)
    with registry.begin() as transaction:
        put_areas(transaction.connection, load_areas())
        for programme in load_catalogue():
            put_programme(transaction.connection, programme)
    yield registry
    registry.database.close()


@pytest.fixture
def desk(kiosk: TestKiosk) -> Desk:
    return Desk(kiosk)


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    family = make_family(AREA, land_acres=1)
    people = [member.person.id for member in family.members]
    send_submission(kiosk, family, {people[0]: [make_finger(1)], people[1]: [make_finger(2)]})
    choose(kiosk, family, FOOD)
    return family


def make_colleague(latin: str, local: str, born: date) -> Household:
    """A household of one."""
    person = make_person(latin, local, sex=Sex.MALE, born=born)
    head = Member(person=person, relationship=Relationship.HEAD)
    return make_family(AREA).model_copy(update={"members": (head,)})


@pytest.fixture
def officer(desk: Desk, registry: Registry, kiosk: TestKiosk) -> Officer:
    """Someone of another family who works here."""
    colleague = make_colleague("Harish Chandra", "हरीश चंद्र", date(1971, 2, 3))
    send_submission(kiosk, colleague)
    return desk.found_officer(registry, colleague.head.person.id)


def refusal(desk: Desk, path: str, message: Record) -> tuple[int, str, str | int | None]:
    response: httpx.Response = desk.kiosk.post(path, message)
    body = ErrorBody.model_validate_json(response.content)
    return response.status_code, body.code, body.params.get("reason")


def card_lines(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        query = select(audit_lines.c.line).where(audit_lines.c.stream == AuditStream.CARDS)
        return list(connection.execute(query.order_by(audit_lines.c.sequence)).scalars())


def test_a_household_card_becomes_active_and_works_at_once(
    desk: Desk, family: Household, officer: Officer, registry: Registry
) -> None:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    digest = desk.write(chip, package)
    assert desk.verify(chip).verdict is Verdict.FAILED, "not before its activation"
    grant = desk.grant(desk.request_activation(package, digest, family.head.person.id, officer))
    proof = desk.activate(chip, grant)
    state = desk.prove(proof)
    assert (state.status, state.issued_on) == (CardStatus.ACTIVE, desk.today)
    checked = desk.verify(chip)
    assert checked.verdict is Verdict.VERIFIED, checked.reason
    assert checked.card is not None
    lines = [each.line for each in checked.card.details.lines if each.line.programme_code == FOOD]
    assert {line.limit for line in lines} == {RATION_KG}
    assert [line.period for line in lines] == [202603, 202604, 202605]
    templates = checked.card.read_templates(desk.credential, 1)
    assert templates is not None
    assert templates.startswith(b"FMR\0")
    assert desk.prove(proof) == state
    assert desk.kiosk.ask(CardState, routes.CARD.format(card_number=package.card_number)) == state
    noted = "\n".join(card_lines(registry))
    for action in ("card.package_given", "card.activation_granted", "card.activated"):
        assert action in noted
    assert family.head.person.name.latin not in noted


def test_the_plastic_shows_what_the_chip_holds(desk: Desk, family: Household) -> None:
    package = desk.package(desk.order(Chip(), household_id=family.id))
    face = package.face
    assert (face.card_number, face.can, face.member_count) == (package.card_number, package.can, 5)
    assert face.names == (family.head.person.name.local, family.head.person.name.latin)
    assert face.issuing_area["en"]
    assert package.files[-1].file_id == 0x011D, "EF.SOD is the last"


def test_an_order_sent_again_gets_the_same_package_and_another_under_its_id_is_refused(
    desk: Desk, family: Household, new_kiosk: NewKiosk
) -> None:
    chip = Chip()
    order = desk.order(chip, household_id=family.id)
    assert desk.package(order) == desk.package(order)
    other_chip = desk.order(Chip(), household_id=family.id, order_id=order.order_id)
    assert refusal(desk, routes.CARD_ORDERS, other_chip)[:2] == (409, "card.order_differs")
    assert refusal(Desk(new_kiosk()), routes.CARD_ORDERS, order)[:2] == (409, "card.order_differs")


def test_a_second_card_is_refused_while_one_is_in_force(desk: Desk, family: Household, officer: Officer) -> None:
    issue(desk, family, officer)
    again = desk.order(Chip(), household_id=family.id)
    assert refusal(desk, routes.CARD_ORDERS, again)[:2] == (409, "card.holder_has_card")


def issue(desk: Desk, family: Household, officer: Officer) -> CardState:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    digest = desk.write(chip, package)
    grant = desk.grant(desk.request_activation(package, digest, family.head.person.id, officer))
    return desk.prove(desk.activate(chip, grant))


def test_a_new_order_burns_the_number_of_one_never_finished(desk: Desk, family: Household, officer: Officer) -> None:
    lost = Chip()
    first = desk.package(desk.order(lost, household_id=family.id))
    digest = desk.write(lost, first)
    second = desk.package(desk.order(Chip(), household_id=family.id))
    assert first.card_number != second.card_number
    late = desk.request_activation(first, digest, family.head.person.id, officer)
    assert refusal(desk, routes.CARD_ACTIVATIONS, late)[:2] == (409, "card.life_refused")
    listed = desk.kiosk.ask(RevocationUpdate, REVOCATIONS)
    assert first.card_number in PackedNumbers(listed.content[0])


def test_after_activation_the_registry_keeps_no_copy_of_the_package(
    desk: Desk, family: Household, officer: Officer, registry: Registry
) -> None:
    chip = Chip()
    order = desk.order(chip, household_id=family.id)
    package = desk.package(order)
    grant = desk.grant(desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer))
    desk.prove(desk.activate(chip, grant))
    with registry.database.read() as connection:
        assert connection.execute(select(cards.c.sealed_package)).scalars().all() == [None, None]
    assert refusal(desk, routes.CARD_ORDERS, order)[:2] == (409, "card.finished")


def test_a_grant_asked_for_again_is_the_same(desk: Desk, family: Household, officer: Officer) -> None:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    request = desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer)
    assert desk.grant(request) == desk.grant(request)


Change = Callable[[ActivationRequest], dict[str, object]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: {"readback_digest_hex": "00" * 32}, "read_back_differs"),
        (lambda _: {"holder_person_id": "somebody else"}, "holder_not_on_card"),
        (lambda _: {"operator_id": "op-unknown"}, "officer_card_unknown"),
        (lambda request: {"officer_card_number": request.card_number}, "officer_card_unknown"),
        (lambda _: {"countersignature_hex": "00" * 64}, "countersignature_wrong"),
        (lambda _: {"countersignature_hex": "no hex"}, "countersignature_wrong"),
    ],
)
def test_a_proof_that_is_not_whole_activates_nothing(
    desk: Desk, family: Household, officer: Officer, change: Change, reason: str
) -> None:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    request = desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer)
    wrong = request.model_copy(update=change(request))
    assert refusal(desk, routes.CARD_ACTIVATIONS, wrong) == (422, "card.activation_refused", reason)
    state = desk.kiosk.ask(CardState, routes.CARD.format(card_number=package.card_number))
    assert state.status is CardStatus.PERSONALISING


def test_an_officer_cannot_countersign_before_the_first_card_is_active_nor_for_itself_later(
    desk: Desk, registry: Registry, kiosk: TestKiosk, officer: Officer
) -> None:
    another = make_colleague("Farida Begum", "फ़रीदा बेगम", date(1983, 9, 21))
    send_submission(kiosk, another)
    with registry.begin() as transaction:
        add_operator(transaction.connection, OperatorId("op-2"), another.head.person.id, Role.OFFICER, transaction.now)
    chip = Chip()
    package = desk.package(desk.order(chip, operator_id=OperatorId("op-2")))
    digest = desk.write(chip, package)
    itself = Officer(OperatorId("op-2"), package.card_number, chip)
    by_itself = desk.request_activation(package, digest, another.head.person.id, itself)
    assert refusal(desk, routes.CARD_ACTIVATIONS, by_itself)[2] == "officer_card_unknown"
    by_colleague = desk.request_activation(package, digest, another.head.person.id, officer)
    state = desk.prove(desk.activate(chip, desk.grant(by_colleague)))
    assert (state.status, state.profile) == (CardStatus.ACTIVE, CardProfile.OPERATOR)
    assert {entry.card_number for entry in desk.kiosk.bundle().operators} >= {package.card_number}


def test_without_the_cards_own_receipt_it_is_not_active(desk: Desk, family: Household, officer: Officer) -> None:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    grant = desk.grant(desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer))
    proof = desk.activate(chip, grant)
    record = bytes.fromhex(proof.ledger_record_hex)
    delivery = record[:1] + b"\x02" + record[2:]
    for changes, reason in (
        ({"receipt_hex": "00" * 64}, "receipt_wrong"),
        ({"ledger_record_hex": "00"}, "record_malformed"),
        ({"ledger_record_hex": delivery.hex()}, "record_differs"),
        ({"ledger_record_hex": (record[:-1] + bytes((record[-1] ^ 1,))).hex()}, "terminal_signature_wrong"),
    ):
        wrong = proof.model_copy(update=changes)
        assert refusal(desk, routes.CARD_ACTIVATION_PROOFS, wrong) == (422, "card.activation_refused", reason)
    assert desk.prove(proof).status is CardStatus.ACTIVE


def test_another_kiosk_cannot_finish_this_kiosks_card(
    desk: Desk, family: Household, officer: Officer, new_kiosk: NewKiosk
) -> None:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    request = desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer)
    assert refusal(Desk(new_kiosk()), routes.CARD_ACTIVATIONS, request)[:2] == (404, "err.not_found")


def test_a_proof_before_the_grant_is_refused(
    desk: Desk, family: Household, officer: Officer, registry: Registry
) -> None:
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=family.id))
    grant = desk.grant(desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer))
    proof = desk.activate(chip, grant)
    with registry.begin() as transaction:
        # As if the registry had been restored to before the grant.
        row = cards.c.number == package.card_number
        transaction.connection.execute(update(cards).where(row).values(status=CardStatus.PERSONALISING))
    assert refusal(desk, routes.CARD_ACTIVATION_PROOFS, proof)[:2] == (409, "card.life_refused")


@pytest.mark.parametrize("names", [("household_id", "operator_id"), ()])
def test_an_order_names_exactly_one_holder(desk: Desk, family: Household, names: tuple[str, ...]) -> None:
    order = desk.order(Chip(), household_id=family.id)
    holders = {"household_id": None, "operator_id": None} | dict.fromkeys(names, family.id)
    wrong = CardOrderRequest.model_validate({**dict(order), **holders})
    assert refusal(desk, routes.CARD_ORDERS, wrong)[:2] == (422, "err.request.malformed")


def test_unknown_households_operators_cards_and_keys_are_told_apart(desk: Desk, family: Household) -> None:
    nobody = desk.order(Chip(), household_id=HouseholdId("H-none"))
    assert refusal(desk, routes.CARD_ORDERS, nobody)[:2] == (404, "err.not_found")
    no_operator = desk.order(Chip(), operator_id=OperatorId("op-none"))
    assert refusal(desk, routes.CARD_ORDERS, no_operator)[:2] == (404, "err.not_found")
    no_key = desk.order(Chip(), household_id=family.id).model_copy(update={"receipt_key": bytes(65)})
    assert refusal(desk, routes.CARD_ORDERS, no_key)[:2] == (409, "issuing.order_unfit")
    for number in ("C5H66S35V", "NO-NUMBER"):
        assert desk.kiosk.get(routes.CARD.format(card_number=number)).status_code == 404


def test_beyond_the_hourly_rate_orders_wait_and_an_alarm_stays(
    desk: Desk, family: Household, registry: Registry, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    # Patched: a thousand honest cards take minutes to make.
    def tight(record: object, alarm: object, desk: object) -> SigningPolicy:
        return SigningPolicy(record, alarm, cards_per_hour=0, desk=desk)  # type: ignore[arg-type]

    order = desk.order(Chip(), household_id=family.id)
    monkeypatch.setattr(service, "SigningPolicy", tight)
    assert refusal(desk, routes.CARD_ORDERS, order)[:2] == (429, "card.too_many")
    assert any("card.signing_alarm" in line for line in card_lines(registry))
    counted = SigningAlarms.model_validate_json(desk.kiosk.client.get(SIGNING_ALARMS).content)
    assert (counted.total, counted.last_day, counted.faults) == (1, 1, {"rate_exceeded": 1})
    monkeypatch.undo()
    clock.pass_time(timedelta(minutes=1))
    assert desk.package(order)


class LostToken:
    """A key store whose token is gone."""

    receipt_key = bytes(32)

    def signer(self, role: KeyRole, generation: int = 1) -> Signer:
        raise KeyStoreUnavailable("the key token failed")

    def sign_receipt(self, message: bytes) -> bytes:
        raise KeyStoreUnavailable("the key token failed")


def test_without_its_keys_the_registry_says_wait_and_the_same_order_works_later(
    desk: Desk, family: Household, authority: Authority
) -> None:
    order, keys = desk.order(Chip(), household_id=family.id), authority.keys
    authority.keys = LostToken()
    try:
        assert refusal(desk, routes.CARD_ORDERS, order)[:2] == (503, "keys.unavailable")
    finally:
        authority.keys = keys
    assert desk.package(order)


def test_a_spoiled_card_burns_its_number_and_is_told_once(desk: Desk, family: Household, registry: Registry) -> None:
    package = desk.package(desk.order(Chip(), household_id=family.id))
    payload = {"order_id": package.order_id, "card_number": package.card_number, "reason": "another_chip"}
    for _ in range(2):
        assert desk.kiosk.tell(EventKind.CARD_SPOILED, payload).verdict is EventVerdict.ACCEPTED
    state = desk.kiosk.ask(CardState, routes.CARD.format(card_number=package.card_number))
    assert state.status is CardStatus.SCRAPPED
    never_came = {"order_id": "never", "card_number": None, "reason": "chip_broken"}
    assert desk.kiosk.tell(EventKind.CARD_SPOILED, never_came).verdict is EventVerdict.ACCEPTED
    assert sum('"card.spoiled"' in line for line in card_lines(registry)) == 1


def test_a_card_in_force_cannot_be_spoiled(desk: Desk, family: Household, officer: Officer) -> None:
    chip = Chip()
    order = desk.order(chip, household_id=family.id)
    package = desk.package(order)
    grant = desk.grant(desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer))
    desk.prove(desk.activate(chip, grant))
    payload = {"order_id": order.order_id, "card_number": package.card_number, "reason": "pretence"}
    assert desk.kiosk.tell(EventKind.CARD_SPOILED, payload).verdict is EventVerdict.REJECTED
    assert desk.verify(chip).verdict is Verdict.VERIFIED
