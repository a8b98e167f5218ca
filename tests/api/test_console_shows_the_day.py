"""The console's pages: what they show, and what they never do."""

from __future__ import annotations

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from central_api.app import create_app
from central_api.context import Registry
from central_api.tables.benefits import deliveries
from domain.card_number import spaced
from domain.deliveries import Denial
from domain.events import EventKind
from tests.api.client import BASE_URL, AsgiBridge, TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family
from tests.api.registered import FOOD, TestCard, add_card, choose, send_submission

PAGES = ("/console", "/console/deliveries", "/console/exceptions", "/console/audit")


@pytest.fixture
def card(kiosk: TestKiosk, registry: Registry) -> TestCard:
    family = make_family(AREA, land_acres=1)
    send_submission(kiosk, family)
    choose(kiosk, family, FOOD)
    card = add_card(registry, kiosk, family)
    kiosk.tell(EventKind.DELIVERY_RECORDED, card.deliver(kiosk))
    kiosk.tell(EventKind.DELIVERY_RECORDED, card.deliver(kiosk))
    denial = Denial(
        reference="D-1",
        kiosk_id=kiosk.id,
        card_number=card.number,
        reason="<script>alert(1)</script>",
        alternative="supervisor",
        denied_at=kiosk.now(),
    )
    kiosk.tell(EventKind.DENIAL_RECORDED, denial)
    return card


def test_the_pages_show_the_day_without_a_name_a_script_or_anything_from_elsewhere(
    client: httpx.Client, card: TestCard
) -> None:
    for path in PAGES:
        page = client.get(path)
        assert page.status_code == 200, path
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert "http://" not in page.text
        assert "https://" not in page.text
        assert "Sunita" not in page.text


def test_the_overview_counts(client: httpx.Client, card: TestCard) -> None:
    text = client.get("/console").text
    for expected in (
        'number">1</span><span class="name">deliveries today',
        'number">5</span><span class="name">people',
    ):
        assert expected in text


def test_a_delivery_stands_there_once_with_its_receipt_verified_now(
    client: httpx.Client, card: TestCard, registry: Registry
) -> None:
    text = client.get("/console/deliveries").text
    assert text.count(spaced(card.number)) == 1
    assert text.count("✓ verified") == 1
    with registry.database.begin() as connection:
        record = connection.execute(deliveries.select()).one().record
        connection.execute(deliveries.update().values(record={**record, "units": 5}))
    assert "✕ delivery: record differs" in client.get("/console/deliveries").text


def test_the_exceptions_show_the_denial_and_the_case_without_running_what_they_quote(
    client: httpx.Client, card: TestCard
) -> None:
    text = client.get("/console/exceptions").text
    assert "delivery: over entitlement" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "F, 30–39" in text


def test_the_console_answers_on_the_registrys_own_machine_only(registry: Registry, portal: BlockingPortal) -> None:
    far = AsgiBridge(create_app(registry), portal, host="203.0.113.9")
    with httpx.Client(transport=far, base_url=BASE_URL) as stranger:
        assert [stranger.get(path).status_code for path in PAGES] == [403] * len(PAGES)


def test_an_empty_registry_has_pages_too(client: httpx.Client) -> None:
    assert [client.get(path).status_code for path in (*PAGES, "/console/console.css")] == [200] * 5
