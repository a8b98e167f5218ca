"""Cards out in the world, at the desk: lost, replaced, shared, found again, renewed at a tap, counted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from domain.cards import BlockReason, CardProfile, CardStatus
from domain.ids import HouseholdId, PersonId
from domain.messages.card_services import CardInForce, HolderFound, MemberFound, StatementOffer
from domain.people import PersonName
from domain.verification import FaceJudge, FaceJudgement, Verdict, VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.devices.ports import FaceAdvice
from kiosk.flows.card_services import show_card_services
from kiosk.flows.card_stock import keep_stock
from kiosk.flows.serve_holder import serve_holder
from kiosk.flows.statement_renewal import held_statements
from kiosk.flows.workplace import Officer
from kiosk.screen_models.general import Choice, Notice, NumberEntry, TextEntry
from kiosk.screen_models.people import FaceComparison, FingerCapture
from kiosk.screen_models.services import Entitlements
from kiosk.store.outbox import OutboxState
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import ENROLMENT_KEY, OFFICER, Bench, officer_card
from tests.flows.fake_devices import FakeFaces
from tests.flows.paper_registry import PaperRegistry
from tests.flows.paper_stock import stock_blank
from tests.flows.scripted_ui import ScriptedUi, give, press, touch
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import TODAY

NAME = PersonName(latin="Asha Devi", local="आशा देवी")
HOUSEHOLD = HouseholdId("HH-0001")


def household_card() -> VirtualCard:
    return desk.issue()["active"].card()


def number_of(card: VirtualCard) -> str:
    checked = desk.check(card)
    assert checked.card is not None
    return checked.card.card_number


def asha(number: str, portrait: bytes | None = b"\xff\xd8 portrait") -> HolderFound:
    held = CardInForce(
        card_number=number,  # type: ignore[arg-type]
        profile=CardProfile.HOUSEHOLD,
        status=CardStatus.ACTIVE,
        valid_until=TODAY + timedelta(days=900),
        person_id=None,
    )
    return HolderFound(
        household_id=HOUSEHOLD,
        person_id=PersonId("P-1"),
        name=NAME,
        birth_year=1990,
        portrait=portrait,
        members=(MemberFound(person_id=PersonId("P-1"), name=NAME, birth_year=1990),),
        cards=(held,),
    )


def on_duty(bench: Bench) -> Officer:
    entry = bench.store.bundles.current.operators[0]
    assert entry.card_number is not None
    bench.work.officer = Officer(OFFICER, entry.name, entry.role, entry.card_number)
    return bench.work.officer


def payload(bench: Bench, kind: str) -> dict[str, object]:
    events = [event.body for event in bench.store.outbox.waiting(limit=100)]
    events += [event.body for event in bench.registry.events.values()]
    return dict(next(body.payload for body in events if body.kind == kind))


def test_a_lost_card_is_refused_here_at_once_and_a_new_one_made_on_the_finger_alone(tmp_path: Path) -> None:
    lost, registry = household_card(), PaperRegistry(ENROLMENT_KEY)
    number = number_of(lost)
    registry.people = (asha(number),)

    async def visit(bench: Bench) -> None:
        officer = on_duty(bench)
        bench.fingers.queue = ["stranger", "holder", "holder", "holder", "holder"]
        await bench.insert(stock_blank())
        await bench.insert_officer(officer_card())
        ui = ScriptedUi(
            give(Choice, "choose", "lost", "cards.title"),
            press(Notice, "retry", "find.title"),
            press(Notice, "block", "lost.title"),
            press(Notice, "new_card", "lost.blocked_title"),
            press(Notice, "ok", "issue.done_title"),
        )
        await show_card_services(bench.work, ui, officer)
        assert ui.is_done
        assert bench.store.bundles.revoked.is_revoked(number)  # type: ignore[arg-type]
        said = payload(bench, "card.blocked")
        assert (said["reason"], said["verified_by"]) == (BlockReason.LOST, VerifiedBy.FINGER)
        assert len(bench.receipts.printed) == 1
        ((order, _),) = registry.orders.values()
        assert (order.replaces, order.household_id) == (number, HOUSEHOLD)
        assert all(b"FMR" not in (search.sealed_finger or b"") for search in registry.searches)
        await bench.take()
        await bench.insert(lost)
        refused = ScriptedUi(press(Notice, "ok", "denial.title"))
        await serve_holder(bench.work, refused)
        assert refused.is_done

    at_desk(visit, tmp_path, registry)


def test_without_a_network_the_number_from_a_paper_blocks_the_card_at_this_desk(tmp_path: Path) -> None:
    lost, registry = household_card(), PaperRegistry(ENROLMENT_KEY)
    number = number_of(lost)
    registry.is_away = True

    async def visit(bench: Bench) -> None:
        officer = on_duty(bench)
        ui = ScriptedUi(
            give(Choice, "choose", "stolen"),
            touch(FingerCapture, "number"),
            give(TextEntry, "done", "AAAAAAAAA"),
            give(TextEntry, "done", number.lower()),
            press(Notice, "block", "lost.title"),
            press(Notice, "ok", "lost.blocked_title"),
        )
        await show_card_services(bench.work, ui, officer)
        assert ui.is_done
        assert bench.kinds() == ["card.blocked"]
        assert bench.store.outbox.open_entries()[0].state is OutboxState.WAITING
        assert bench.store.bundles.revoked.is_revoked(number)  # type: ignore[arg-type]

    at_desk(visit, tmp_path, registry)


def test_by_number_or_name_the_officer_answers_for_the_face(tmp_path: Path) -> None:
    registry = PaperRegistry(ENROLMENT_KEY)
    number = number_of(household_card())
    registry.people = (asha(number),)

    async def visit(bench: Bench) -> None:
        officer = on_duty(bench)
        ui = ScriptedUi(
            give(Choice, "choose", "lost"),
            touch(FingerCapture, "number"),
            give(TextEntry, "done", number),
            touch(FaceComparison, "different"),
            press(Notice, "ok", "find.title"),
        )
        await show_card_services(bench.work, ui, officer)
        assert ui.is_done
        assert bench.kinds() == []

    at_desk(visit, tmp_path, registry)


def test_a_card_blocked_for_a_face_says_in_its_event_who_judged_the_face(tmp_path: Path) -> None:
    registry = PaperRegistry(ENROLMENT_KEY)
    number = number_of(household_card())
    registry.people = (asha(number),)

    async def visit(bench: Bench) -> None:
        officer = on_duty(bench)
        bench.work.faces = FakeFaces(FaceAdvice(Verdict.VERIFIED, 700))
        ui = ScriptedUi(
            give(Choice, "choose", "lost"),
            touch(FingerCapture, "number"),
            give(TextEntry, "done", number),
            touch(FaceComparison, "same"),
            press(Notice, "block", "lost.title"),
            press(Notice, "later", "lost.blocked_title"),
            press(Notice, "ok", "lost.blocked_title"),
        )
        await show_card_services(bench.work, ui, officer)
        payload = bench.store.outbox.waiting(limit=1)[0].body.payload
        judged = FaceJudgement.model_validate(payload["face"])
        assert payload["verified_by"] == VerifiedBy.FACE_AND_OFFICER
        assert (judged.judge, judged.model, judged.score_thousandths) == (FaceJudge.MODEL_AND_OFFICER, "tiny", 700)

    at_desk(visit, tmp_path, registry)


def test_a_card_found_again_works_when_the_registry_says_so(tmp_path: Path) -> None:
    for status, title, is_revoked in (
        (CardStatus.ACTIVE, "found.title", False),
        (CardStatus.REPLACED, "found.title", True),
    ):
        card, registry = household_card(), PaperRegistry(ENROLMENT_KEY)
        number = number_of(card)
        registry.people, registry.status_of_found = (asha(number),), status

        async def visit(
            bench: Bench,
            card: VirtualCard = card,
            number: str = number,
            title: str = title,
            is_revoked: bool = is_revoked,
        ) -> None:
            officer = on_duty(bench)
            bench.fingers.queue = ["holder", "holder"]
            lose = ScriptedUi(
                give(Choice, "choose", "lost"), press(Notice, "block"), press(Notice, "later", "lost.blocked_title")
            )
            await show_card_services(bench.work, lose, officer)
            await bench.insert(card)
            find = ScriptedUi(give(Choice, "choose", "found"), press(Notice, "ok", title))
            await show_card_services(bench.work, find, officer)
            assert find.is_done
            assert bench.store.bundles.revoked.is_revoked(number) is is_revoked  # type: ignore[arg-type]

        at_desk(visit, tmp_path / status, registry)


def test_a_second_card_is_ordered_only_after_the_first_holds_its_part(tmp_path: Path) -> None:
    card, registry = household_card(), PaperRegistry(ENROLMENT_KEY)
    number = number_of(card)

    async def visit(bench: Bench) -> None:
        officer = on_duty(bench)
        bench.fingers.queue = ["holder"]
        await bench.insert(card)
        ui = ScriptedUi(
            give(Choice, "choose", "second"),
            give(Choice, "choose", "quarter", "second.title"),
            press(Notice, "ok", "second.title"),
            press(Notice, "stop", "issue.problem"),
        )
        await show_card_services(bench.work, ui, officer)
        assert ui.is_done
        (share,) = registry.shares
        assert (share.card_number, share.kept, share.given) == (number, 3, 1)
        checked = desk.check(card)
        assert checked.card is not None
        assert checked.card.details.statement.version == 2
        assert payload(bench, "card.statement_written")["version"] == 2
        assert bench.store.outbox.count_waiting() == 0

    at_desk(visit, tmp_path, registry)


def test_a_statement_fetched_ahead_is_on_the_card_after_a_tap(tmp_path: Path) -> None:
    card = household_card()
    number = number_of(card)

    async def visit(bench: Bench) -> None:
        slot = desk.REGISTRY.slot(number, version=3, limit=7)  # type: ignore[arg-type]
        offer = StatementOffer(card_number=number, version=3, slot=slot)  # type: ignore[arg-type]
        held_statements(bench.work).save(number, offer)
        bench.fingers.queue = ["holder"]
        await bench.insert(card)
        await serve_holder(bench.work, ScriptedUi(press(Entitlements, "done")))
        assert held_statements(bench.work).find(number) is None
        assert bench.kinds() == ["card.statement_written", "fingers.tried"]

    at_desk(visit, tmp_path)
    checked = desk.check(card)
    assert checked.card is not None
    assert checked.card.details.statement.version == 3


def test_blanks_that_came_are_written_down_with_a_reason_where_they_are_spoiled(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        officer = on_duty(bench)
        came = ScriptedUi(
            give(Choice, "choose", "received", "stock.title"),
            give(NumberEntry, "done", 50),
            press(Notice, "ok", "stock.title"),
        )
        await keep_stock(bench.work, came, officer)
        spoiled = ScriptedUi(
            give(Choice, "choose", "spoiled", "stock.title"),
            give(Choice, "choose", "chip_dead", "stock.title"),
            give(NumberEntry, "done", 1),
            press(Notice, "ok", "stock.title"),
        )
        await keep_stock(bench.work, spoiled, officer)
        moves = [event.body.payload for event in bench.store.outbox.waiting(limit=10)]
        assert [(move["kind"], move["count"], move["reason"]) for move in moves] == [
            ("received", 50, None),
            ("spoiled", 1, "chip_dead"),
        ]

    at_desk(visit, tmp_path)
