"""Token-only mode: once the registry has a registration, not a byte of it is left in the desk's decrypted files."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from card_service.trust import TrustAnchors, encode_trust_anchors
from domain.desk_policy import DeskPolicy
from domain.events import EventKind
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import AreaCode, HouseholdId, SubmissionId
from domain.messages.enrolment import SealedEnrolment
from domain.messages.kiosks import KioskBundle, RevocationList, SignedBundle
from domain.messages.revocations import REVOCATIONS, RevocationUpdate
from domain.messages.sync import EventAnswer, EventVerdict, PullAnswer, PushReceipt, PushRequest, SignedPushReceipt
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.journal import Happening
from kiosk.store.kiosk_store import KioskStore
from kiosk.store.store_key import derive_key, read_store_key
from kiosk.sync import Sync
from tests.unit.kiosk_core.kiosk_home import A_DAY, REGISTRY_KEY, open_kiosk

# SQLCipher 4: pages of 4096 bytes, each with an initialisation vector and an HMAC-SHA-512 in its last 80.
PAGE, RESERVE, VECTOR, SALT, FRAME, LOG_HEAD = 4096, 80, 16, 16, 24, 32
CONTENT = secrets.token_bytes(3_000)


def _sign(text: str) -> str:
    return REGISTRY_KEY.sign(text.encode()).hex()


def _bundle(*, is_token_only: bool) -> SignedBundle:
    anchors = TrustAnchors((b"root",), frozenset(), 1, (b"entitlements",), (b"cvca",))
    bundle = KioskBundle(
        number=1,
        issued_at=A_DAY,
        today=A_DAY.date(),
        area=AreaCode("IN"),
        areas=(),
        programmes=(),
        operators=(),
        revocations=RevocationList(number=1, issued_at=A_DAY),
        trust_anchors=json.loads(encode_trust_anchors(anchors)),
        enrolment_key=bytes(32),
        terminal_chain=(),
        settings=DeskPolicy(is_token_only=is_token_only).to_settings(),
    )
    text = bundle.model_dump_json()
    return SignedBundle(bundle_json=text, signature_hex=_sign(text))


def _answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/v1/sync/push":
        push = PushRequest.model_validate_json(request.content)
        answers = tuple(
            EventAnswer(event_id=e.body.id, content_sha256=e.body.hash_hex(), verdict=EventVerdict.ACCEPTED)
            for e in push.events
        )
        receipt = PushReceipt(kiosk_id=push.kiosk_id, received_at=A_DAY, answers=answers).model_dump_json()
        answer = SignedPushReceipt(receipt_json=receipt, signature_hex=_sign(receipt))
        return httpx.Response(200, content=answer.model_dump_json(), request=request)
    if request.url.path == REVOCATIONS:
        empty = RevocationUpdate(head_cose=b"", content=())
        return httpx.Response(200, content=empty.model_dump_json(), request=request)
    if request.url.path == "/v1/sync/pull":
        pulled = PullAnswer(changes=(), cursor=int(request.url.params["after"]))
        return httpx.Response(200, content=pulled.model_dump_json(), request=request)
    raise AssertionError(request.url.path)


def _register(store: KioskStore) -> None:
    envelope = SealedEnrolment(
        submission_id=SubmissionId("s-1"), household_id=HouseholdId("h-1"), sealed=CONTENT, content_sha256="0" * 64
    )
    store.journal.record(Happening(EventKind.ENROLMENT_SUBMITTED, envelope, "s-1", None))


def _complain(store: KioskStore) -> None:
    with store.journal.entry() as entry:
        grievance = Grievance(
            number=store.next_grievance_number(),
            channel=GrievanceChannel.KIOSK,
            reason=GrievanceReason.RUDE,
            area=AreaCode("IN"),
            lodged_at=datetime(2026, 3, 2, tzinfo=UTC),
        )
        entry.add(Happening(EventKind.GRIEVANCE_LODGED, grievance, grievance.number, None))


def _row_of_registration(store: KioskStore) -> bytes:
    row = store.database.find_row("SELECT sealed FROM outbox WHERE sequence = 1")
    assert row is not None
    assert isinstance(row[0], bytes)
    return row[0]


def _decrypted(home: Path) -> bytes:
    """Every page of the file and every frame of its log, free pages too."""
    key = derive_key(read_store_key(home / "store.key"), "file")
    return b"".join(_decrypt(key, page, skipped) for page, skipped in _pages(home / "kiosk.db"))


def _pages(file: Path) -> Iterator[tuple[bytes, int]]:
    whole = file.read_bytes()
    for number, at in enumerate(range(0, len(whole), PAGE)):
        yield whole[at : at + PAGE], SALT if number == 0 else 0
    log_file = file.with_name(file.name + "-wal")
    log = log_file.read_bytes() if log_file.exists() else b""
    for at in range(LOG_HEAD, len(log), FRAME + PAGE):
        frame = log[at : at + FRAME + PAGE]
        yield frame[FRAME:], SALT if int.from_bytes(frame[:4], "big") == 1 else 0


def _decrypt(key: bytes, page: bytes, skipped: int) -> bytes:
    vector = page[-RESERVE : -RESERVE + VECTOR]
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).decryptor()
    return decryptor.update(page[skipped:-RESERVE]) + decryptor.finalize()


def _sync(store: KioskStore) -> None:
    async def run() -> None:
        signer = RequestSigner(store.kiosk_id, store.identity.keys.signer, lambda: A_DAY)
        client = RegistryClient("http://registry.invalid", signer, transport=httpx.MockTransport(_answer))
        await Sync(store, client, store.identity.registry_public_key).sync_now()
        await client.close()

    asyncio.run(run())


@pytest.mark.parametrize("is_token_only", [True, False])
@pytest.mark.parametrize("is_head", [True, False])
def test_after_the_receipt_nothing_of_the_registration_is_left_in_the_decrypted_files(
    tmp_path: Path, is_token_only: bool, is_head: bool
) -> None:
    store = open_kiosk(tmp_path, time_source=lambda: A_DAY)
    with store.database.transaction():
        store.bundles.accept(_bundle(is_token_only=is_token_only))
    _register(store)
    if not is_head:
        _complain(store)
    row = _row_of_registration(store)
    # The row spans pages: what is looked for is a piece that lies within one.
    pieces = [row[at : at + 64] for at in range(0, len(row) - 64, 64)]
    assert any(piece in _decrypted(tmp_path) for piece in pieces), "the harness must find what is there"
    _sync(store)
    left = [piece for piece in pieces if piece in _decrypted(tmp_path)]
    texts = [_row_of_registration(store), store.database.seal.unseal("outbox", "1", _row_of_registration(store))]
    has_content = any(base64.urlsafe_b64encode(CONTENT) in text or CONTENT in text for text in texts)
    assert (bool(left), has_content) == (not is_token_only, not is_token_only)
    assert store.outbox.count_waiting() == 0
    assert store.outbox.open_entries() == []
    _complain(store)
    (waiting,) = store.outbox.waiting(limit=9)
    assert waiting.body.sequence == (2 if is_head else 3), "the chain goes on"
    store.close()
