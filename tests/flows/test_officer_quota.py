"""An officer's card signs as often as it may; the office grants more while the card is in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from card_service.connection import CardConnection
from card_service.personalisation import lock_card, prepare_chip, write_card
from card_service.quota import decode_quota_grant, read_quota, sign_quota_grant
from card_service.session import CardSession
from card_service.verification import RevokedCards, verify_card
from domain.cards import CardProfile
from domain.ids import HouseholdId
from domain.messages.kiosks import KioskBundle, SignedBundle
from domain.messages.officer_quota import QuotaAnswer, QuotaRequest
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.flows.issue_card import issue_card
from kiosk.flows.officer_quota import look_after_quota, quota_known
from kiosk.screen_models.general import Notice
from kiosk.store.card_job import CardHolder
from kiosk.store.officer_quota import LOW_QUOTA
from kiosk.sync import SyncState
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, make_bundle
from tests.flows.paper_stock import PaperRefused, stock_blank
from tests.flows.scripted_ui import ScriptedUi, press
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY, SoftKey
from tests.unit.kiosk_core.kiosk_home import REGISTRY_KEY

AUTHORITY = SoftKey()
DONE = press(Notice, "ok", "issue.done_title")
STOP_AT_OFFICER = press(Notice, "stop", "issue.officer_needed")


def officer_with(quota: int) -> VirtualCard:
    """An active officer's card that may sign so often."""
    chip = VirtualCard.blank()
    reader = SimulatedReader(chip)
    data = desk.REGISTRY.package(prepare_chip(reader), profile=CardProfile.OPERATOR)
    data = replace(data, quota=quota, quota_authority=AUTHORITY.public_point)
    write_card(reader, data)
    lock_card(reader, data)
    desk.activate(reader, data)
    return chip


class Office:
    """Answers requests for quotas on paper, as the registry does."""

    def __init__(self, card: VirtualCard) -> None:
        checked = desk.check(card, profile=CardProfile.OPERATOR)
        assert checked.card is not None
        self.card_key = checked.card.receipt_public_key
        self.number = checked.card.card_number
        self.asked: list[QuotaRequest] = []
        self.refuses = False

    def grant(self, body: bytes) -> QuotaAnswer:
        request = QuotaRequest.model_validate_json(body)
        self.asked.append(request)
        if self.refuses:
            raise PaperRefused("card.quota_refused")
        number = request.last_grant_number + 1
        grant = sign_quota_grant(self.card_key, number=number, quota=300, signer=AUTHORITY)
        return QuotaAnswer(officer_card_number=request.officer_card_number, number=number, quota=300, grant=grant)


async def put_in(bench: Bench, card: VirtualCard, office: Office) -> None:
    """The officer of the bundle now has this card."""
    plain = KioskBundle.model_validate_json(make_bundle(2).bundle_json)
    entry = plain.operators[0].model_copy(update={"card_number": office.number, "card_key": office.card_key})
    text = plain.model_copy(update={"operators": (entry,)}).model_dump_json()
    signed = SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())
    with bench.store.database.transaction():
        bench.store.bundles.accept(signed)
    bench.registry.quota_office = office.grant
    await bench.insert_officer(card)


async def open_officer(bench: Bench):  # type: ignore[no-untyped-def]
    """The officer's card verified and kept open."""
    anchors = bench.store.bundles.anchors

    def verify(connection: CardConnection):  # type: ignore[no-untyped-def]
        return verify_card(connection, anchors, on=TODAY, revoked=RevokedCards(), profile=CardProfile.OPERATOR)

    checked = await bench.officer.keep(verify)
    assert checked.card is not None
    return checked.card


def remaining(card: VirtualCard) -> int:
    session = CardSession(SimulatedReader(card))
    session.open_with_can()
    return read_quota(session).remaining


def test_a_card_whose_quota_is_low_gets_a_new_one_while_it_is_in(tmp_path: Path) -> None:
    card = officer_with(LOW_QUOTA)
    office = Office(card)

    async def visit(bench: Bench) -> None:
        await put_in(bench, card, office)
        bench.work.sync.state = SyncState(is_online=True)
        state = await look_after_quota(bench.work, await open_officer(bench))
        assert state is not None
        assert (state.remaining, state.last_grant_number, state.grant) == (300, 1, None)
        assert quota_known(bench.work, office.number) == 300
        assert (office.asked[0].remaining, office.asked[0].signatures_made) == (LOW_QUOTA, 0)
        await bench.officer.release()

    at_desk(visit, tmp_path)
    assert remaining(card) == 300


def test_a_grant_that_came_with_sync_waits_for_the_card(tmp_path: Path) -> None:
    card = officer_with(3)
    office = Office(card)

    async def visit(bench: Bench) -> None:
        await put_in(bench, card, office)
        first = await look_after_quota(bench.work, await open_officer(bench))
        assert first is not None
        assert first.remaining == 3, "offline nothing is asked"
        assert office.asked == []
        await bench.officer.release()
        await bench.work.sync.quotas.renew_low()
        (_, kept) = bench.store.officer_quotas.all()[0]
        assert kept.grant is not None
        assert decode_quota_grant(kept.grant).number == 1
        await bench.work.sync.quotas.renew_low()
        assert len(office.asked) == 1, "one grant waits: no other is asked for"
        second = await look_after_quota(bench.work, await open_officer(bench))
        assert second is not None
        assert second.remaining == 300
        await bench.officer.release()

    at_desk(visit, tmp_path)


def test_an_office_that_refuses_is_not_asked_again_at_once_and_nothing_stops(tmp_path: Path) -> None:
    card = officer_with(1)
    office = Office(card)
    office.refuses = True

    async def visit(bench: Bench) -> None:
        await put_in(bench, card, office)
        bench.work.sync.state = SyncState(is_online=True)
        for _ in range(2):
            state = await look_after_quota(bench.work, await open_officer(bench))
            assert state is not None
            assert state.remaining == 1
            await bench.officer.release()
        assert len(office.asked) == 1

    at_desk(visit, tmp_path)


def test_a_used_up_card_says_so_in_words_and_the_job_is_kept(tmp_path: Path) -> None:
    card, blank = officer_with(0), stock_blank()
    office = Office(card)
    office.refuses = True

    async def visit(bench: Bench) -> None:
        await put_in(bench, card, office)
        await bench.insert(blank)
        bench.fingers.queue = ["holder", "holder"]
        ui = ScriptedUi(STOP_AT_OFFICER)
        assert await issue_card(bench.work, ui, CardHolder(household_id=HouseholdId("HH-0001"))) is None
        notice = next(each for each in ui.seen if isinstance(each, Notice) and each.title.key == "issue.officer_needed")
        assert notice.body.key == "issue.quota_used_up"
        assert len(bench.store.card_jobs.all()) == 1

    at_desk(visit, tmp_path)


def test_each_signature_counts_down_what_the_desk_shows(tmp_path: Path) -> None:
    card, blank = officer_with(100), stock_blank()
    office = Office(card)

    async def visit(bench: Bench) -> None:
        await put_in(bench, card, office)
        await bench.insert(blank)
        bench.fingers.queue = ["holder", "holder"]
        assert await issue_card(bench.work, ScriptedUi(DONE), CardHolder(household_id=HouseholdId("HH-0001")))
        assert quota_known(bench.work, office.number) == 99

    at_desk(visit, tmp_path)
    assert remaining(card) == 99


def test_a_card_from_before_there_were_quotas_signs_freely(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        old = desk.issue(CardProfile.OPERATOR)["active"].card()
        await bench.insert_officer(old)
        assert await look_after_quota(bench.work, await open_officer(bench)) is None
        await bench.officer.release()

    at_desk(visit, tmp_path)
