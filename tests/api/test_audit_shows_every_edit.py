"""Whatever is changed in the audit chains shows: edits, deletions, additions, and a rewritten history."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy import Connection, delete, func, insert, select, update

from central_api.app import create_app
from central_api.audit.anchors import read_anchors, write_anchors
from central_api.audit.verification import verify_audit
from central_api.context import Registry
from central_api.journal.audit_chain import AuditStream, head_mac
from central_api.tables.journal import audit_lines, audit_streams
from domain.events import EventKind
from domain.messages.audit import AuditVerification
from domain.messages.routes import AUDIT_VERIFICATION
from tests.api.client import BASE_URL, AsgiBridge, TestKiosk

STREAM = AuditStream.OPERATORS
LINES = 12
Edit = Callable[[Connection, random.Random], None]


@pytest.fixture
def written(kiosk: TestKiosk, registry: Registry) -> Registry:
    kiosk.push(*(kiosk.make_event(EventKind.OPERATOR_LOGGED_IN, {}, f"op-{n}") for n in range(LINES)))
    return registry


def edit_text(connection: Connection, dice: random.Random) -> None:
    sequence = dice.randint(1, LINES)
    line = connection.execute(_text(sequence)).scalar_one()
    other = line.replace('"op-', '"OP-')
    connection.execute(update(audit_lines).where(_at(sequence)).values(line=other))


def edit_text_and_hash(connection: Connection, dice: random.Random) -> None:
    sequence = dice.randint(1, LINES - 1)
    line = connection.execute(_text(sequence)).scalar_one().replace('"op-', '"OP-')
    digest = hashlib.sha256(line.encode()).hexdigest()
    connection.execute(update(audit_lines).where(_at(sequence)).values(line=line, hash=digest))


def edit_copy(connection: Connection, dice: random.Random) -> None:
    connection.execute(update(audit_lines).where(_at(dice.randint(1, LINES))).values(subject="operator:other"))


def delete_one(connection: Connection, dice: random.Random) -> None:
    connection.execute(delete(audit_lines).where(_at(dice.randint(1, LINES))))


def cut_tail(connection: Connection, dice: random.Random) -> None:
    last = dice.randint(1, LINES - 1)
    connection.execute(delete(audit_lines).where(audit_lines.c.stream == STREAM, audit_lines.c.sequence > last))


def cut_tail_and_move_head(connection: Connection, dice: random.Random) -> None:
    cut_tail(connection, dice)
    row = connection.execute(
        select(audit_lines.c.sequence, audit_lines.c.hash)
        .where(audit_lines.c.stream == STREAM)
        .order_by(audit_lines.c.sequence.desc())
    ).first()
    assert row is not None
    head = {"head_sequence": row.sequence, "head_hash": row.hash}
    connection.execute(update(audit_streams).where(audit_streams.c.stream == STREAM).values(head))


def delete_one_and_chain_again(connection: Connection, dice: random.Random) -> None:
    rows = connection.execute(
        select(audit_lines).where(audit_lines.c.stream == STREAM).order_by(audit_lines.c.sequence)
    ).all()
    gone = dice.randint(1, LINES)
    kept = [row for row in rows if row.sequence != gone]
    connection.execute(delete(audit_lines).where(audit_lines.c.stream == STREAM))
    previous = "0" * 64
    for sequence, row in enumerate(kept, 1):
        plain = {**json.loads(row.line), "sequence": sequence, "previous": previous}
        line = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(line.encode()).hexdigest()
        values = {"line": line, "hash": previous, "action": row.action, "subject": row.subject}
        connection.execute(insert(audit_lines).values(stream=STREAM, sequence=sequence, **values))
    head = {"head_sequence": len(kept), "head_hash": previous}
    connection.execute(update(audit_streams).where(audit_streams.c.stream == STREAM).values(head))


def add_one(connection: Connection, dice: random.Random) -> None:
    values = {"line": "{}", "hash": hashlib.sha256(b"{}").hexdigest(), "action": "x", "subject": None}
    connection.execute(insert(audit_lines).values(stream=STREAM, sequence=LINES + 1, **values))


def add_unknown_stream(connection: Connection, dice: random.Random) -> None:
    values = {"line": "{}", "hash": hashlib.sha256(b"{}").hexdigest(), "action": "x", "subject": None}
    connection.execute(insert(audit_lines).values(stream="mine", sequence=1, **values))


def delete_everything(connection: Connection, dice: random.Random) -> None:
    connection.execute(delete(audit_lines).where(audit_lines.c.stream == STREAM))
    connection.execute(delete(audit_streams).where(audit_streams.c.stream == STREAM))


EDITS: tuple[Edit, ...] = (
    edit_text,
    edit_text_and_hash,
    edit_copy,
    delete_one,
    cut_tail,
    cut_tail_and_move_head,
    delete_one_and_chain_again,
    add_one,
    add_unknown_stream,
    delete_everything,
)


def _at(sequence: int):  # type: ignore[no-untyped-def]
    return (audit_lines.c.stream == STREAM) & (audit_lines.c.sequence == sequence)


def _text(sequence: int):  # type: ignore[no-untyped-def]
    return select(audit_lines.c.line).where(_at(sequence))


def test_an_untouched_registry_verifies_and_counts_its_lines(written: Registry) -> None:
    result = verify_audit(written)
    assert result.ok
    with written.database.read() as connection:
        lines = connection.execute(select(func.count()).select_from(audit_lines)).scalar_one()
    assert result.lines == lines >= LINES
    assert {stream.stream for stream in result.streams} == set(AuditStream)


def test_every_kind_of_edit_shows(written: Registry) -> None:
    """Each kind at five places; every edit is undone by rolling back."""
    places = 5
    for edit in EDITS:
        for seed in range(places):
            with written.database.engine.connect() as connection:
                outer = connection.begin()
                edit(connection, random.Random(seed))
                assert not verify_audit_on(written, connection).ok, (edit.__name__, seed)
                outer.rollback()
    assert verify_audit(written).ok
    print(f"{len(EDITS) * places} edits of the audit chains: all found")  # noqa: T201


def verify_audit_on(registry: Registry, connection: Connection) -> AuditVerification:
    """The verification, looking through a connection that has not committed."""

    class Seen:
        def read(self) -> nullcontext[Connection]:
            return nullcontext(connection)

    return verify_audit(replace(registry, database=Seen()))  # type: ignore[arg-type]


def test_a_rolled_back_database_shows_against_the_heads_signed_outside(kiosk: TestKiosk, written: Registry) -> None:
    with written.database.read() as connection:
        old = connection.execute(select(audit_streams).where(audit_streams.c.stream == STREAM)).one()
    kiosk.tell(EventKind.OPERATOR_LOGGED_IN, {}, "op-thief")
    assert write_anchors(written) > 0
    assert verify_audit(written).ok
    with written.database.begin() as connection:
        connection.execute(delete(audit_lines).where(_at(LINES + 1)))
        head = {"head_sequence": LINES, "head_hash": old.head_hash, "head_mac": old.head_mac}
        connection.execute(update(audit_streams).where(audit_streams.c.stream == STREAM).values(head))
    result = verify_audit(written)
    assert [stream.trouble for stream in result.streams if stream.stream == STREAM] == ["audit.anchor_gone"]
    assert not result.ok


def test_even_who_knows_the_key_of_the_heads_cannot_rewrite_what_was_anchored(written: Registry) -> None:
    write_anchors(written)
    with written.database.begin() as connection:
        delete_one_and_chain_again(connection, random.Random(1))
        row = connection.execute(select(audit_streams).where(audit_streams.c.stream == STREAM)).one()
        mac = head_mac(written.audit_key, STREAM, row.head_sequence, row.head_hash)
        connection.execute(update(audit_streams).where(audit_streams.c.stream == STREAM).values(head_mac=mac))
    assert not verify_audit(written).ok


def test_an_anchors_file_that_somebody_else_wrote_to_shows(written: Registry) -> None:
    write_anchors(written)
    file = written.settings.anchors_file
    assert len(read_anchors(written)) == len(file.read_text().splitlines())
    file.write_text(file.read_text().replace('"sequence": 12', '"sequence": 11'))
    assert not verify_audit(written).ok


def test_the_verification_is_asked_for_on_the_registrys_own_machine_only(
    client: httpx.Client, written: Registry, portal: BlockingPortal
) -> None:
    answer = AuditVerification.model_validate_json(client.get(AUDIT_VERIFICATION).content)
    assert answer.ok
    assert answer.lines >= LINES
    far = AsgiBridge(create_app(written), portal, host="203.0.113.9")
    with httpx.Client(transport=far, base_url=BASE_URL) as stranger:
        assert stranger.get(AUDIT_VERIFICATION).status_code == 403
