"""Kiosks join with a code and are known by their keys."""

from __future__ import annotations

import secrets
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central_api.context import Registry
from central_api.kiosks.service import give_code
from domain.messages import routes
from domain.messages.kiosks import KioskRegistrationAnswer
from domain.messages.sync import ErrorBody, PushRequest
from tests.api.client import JSON, TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.fakes import Clock


def code_of(response: httpx.Response) -> str:
    return ErrorBody.model_validate_json(response.content).code


def test_a_kiosk_that_joins_gets_an_id_certificates_and_a_signed_bundle(new_kiosk: NewKiosk) -> None:
    first, second = new_kiosk(), new_kiosk()
    assert (first.id, second.id) == ("K001", "K002")
    bundle = first.bundle()
    assert bundle.area == AREA
    assert len(bundle.programmes) == 10
    assert len(bundle.areas) == 25
    assert b"UTK00100001" in bundle.terminal_chain[1]


def test_the_number_of_the_bundle_rises_only_when_it_says_something_new(kiosk: TestKiosk, clock: Clock) -> None:
    before = kiosk.bundle()
    clock.pass_time(timedelta(days=2))
    after = kiosk.bundle()
    assert (before.number, before.revocations.number) == (after.number, after.revocations.number) == (1, 1)
    assert before.terminal_chain != after.terminal_chain


def test_the_same_registration_again_gets_the_same_answer_and_another_key_is_refused(
    registry: Registry, client: httpx.Client, clock: Clock
) -> None:
    with registry.begin() as transaction:
        code = give_code(transaction, "test")
    kiosk, thief = TestKiosk(client, clock), TestKiosk(client, clock)
    first = kiosk.join(code, AREA)
    assert kiosk.join(code.lower().replace("-", " "), AREA) == first
    refused = client.post(
        routes.KIOSK_REGISTRATION, content=thief.registration(code, AREA).model_dump_json(), headers=JSON
    )
    assert (refused.status_code, code_of(refused)) == (403, "kiosk.code_refused")


@pytest.mark.parametrize("case", ["unknown", "too old", "no such area"])
def test_a_code_that_is_not_good_opens_nothing(
    case: str, registry: Registry, client: httpx.Client, clock: Clock
) -> None:
    with registry.begin() as transaction:
        code = "NOSUCHCODE00" if case == "unknown" else give_code(transaction, "test")
    if case == "too old":
        clock.pass_time(timedelta(days=8))
    area = "nowhere" if case == "no such area" else AREA
    kiosk = TestKiosk(client, clock)
    body = kiosk.registration(code, area).model_dump_json()
    answer = client.post(routes.KIOSK_REGISTRATION, content=body, headers=JSON)
    assert answer.status_code in (403, 404)
    if case == "no such area":
        again = client.post(
            routes.KIOSK_REGISTRATION, content=kiosk.registration(code, AREA).model_dump_json(), headers=JSON
        )
        assert KioskRegistrationAnswer.model_validate_json(again.content).kiosk_id == "K001"


def test_a_request_without_a_signature_or_with_a_wrong_one_is_unauthorized(kiosk: TestKiosk) -> None:
    unsigned = kiosk.client.get(routes.BUNDLE)
    assert (unsigned.status_code, code_of(unsigned)) == (401, "err.request.unauthorized")

    kiosk.key, key = Ed25519PrivateKey.generate(), kiosk.key
    assert kiosk.get(routes.BUNDLE).status_code == 401
    kiosk.key = key

    stranger = kiosk.sign(kiosk.client.build_request("GET", routes.BUNDLE), key_id="K999")
    assert kiosk.client.send(stranger).status_code == 401

    for component in ("@method", "@path", "@query", "content-digest"):
        fewer = [c for c in ("@method", "@path", "@query", "content-digest") if c != component]
        request = kiosk.client.build_request("GET", routes.BUNDLE)
        body = None if component == "content-digest" else b""
        kiosk.sign(request, covered_component_ids=fewer, body=body)
        assert kiosk.client.send(request).status_code == 401, component


def test_nothing_of_a_signed_request_can_be_changed(kiosk: TestKiosk) -> None:
    empty = PushRequest(kiosk_id=kiosk.id, events=())
    request = kiosk.request("POST", routes.SYNC_PUSH, empty)
    tampered = kiosk.client.build_request(
        "POST", routes.SYNC_PUSH, content=request.content + b" ", headers=dict(request.headers)
    )
    tampered.headers["content-length"] = str(len(request.content) + 1)
    assert kiosk.client.send(tampered).status_code == 401

    pull = kiosk.request("GET", routes.SYNC_PULL, after=5)
    moved = kiosk.client.build_request("GET", routes.SYNC_PULL, params={"after": 6}, headers=dict(pull.headers))
    assert kiosk.client.send(moved).status_code == 401
    assert kiosk.client.send(pull).status_code == 200


def test_a_request_is_taken_once_and_in_time(kiosk: TestKiosk, clock: Clock) -> None:
    request = kiosk.request("GET", routes.BUNDLE)
    assert kiosk.client.send(request).status_code == 200
    again = kiosk.client.send(request)
    assert (again.status_code, code_of(again)) == (409, "err.request.replayed")

    late = kiosk.request("GET", routes.BUNDLE)
    clock.pass_time(timedelta(seconds=301))
    answer = kiosk.client.send(late)
    assert (answer.status_code, code_of(answer)) == (401, "err.request.wrong_time")
    assert ErrorBody.model_validate_json(answer.content).params == {"registry_time": int(clock().timestamp())}

    nonce = secrets.token_hex(4)
    short = kiosk.sign(kiosk.client.build_request("GET", routes.BUNDLE), nonce=nonce)
    assert kiosk.client.send(short).status_code == 401


def test_answers_are_never_stored_and_a_body_that_is_no_message_is_refused_without_being_quoted(
    kiosk: TestKiosk,
) -> None:
    request = kiosk.client.build_request("POST", routes.SYNC_PUSH, content=b'{"secret": "Sunita"}', headers=JSON)
    answer = kiosk.client.send(kiosk.sign(request))
    assert (answer.status_code, code_of(answer)) == (422, "err.request.malformed")
    assert "Sunita" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(kiosk: TestKiosk, registry: Registry) -> None:
    content = b" " * (registry.settings.max_body_bytes + 1)
    request = kiosk.client.build_request("POST", routes.SYNC_PUSH, content=content, headers=JSON)
    assert kiosk.client.send(kiosk.sign(request)).status_code == 413


def test_the_registry_says_that_it_is_well_and_describes_itself(client: httpx.Client) -> None:
    assert client.get(routes.HEALTH).json() == {"status": "ok"}
    description = client.get("/openapi.json").json()
    assert routes.SYNC_PUSH in description["paths"]
    assert "SignedEvent" in description["components"]["schemas"]
    assert client.get("/nowhere").status_code == 404
