"""After keys changed: kiosks fetch a new bundle, and the change stands in the audit chain."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, update
from sqlalchemy.engine import make_url

from central_api.database import Database
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import begin_transaction
from central_api.settings import Settings
from central_api.tables.kiosks import kiosks
from central_api.vault import load_secret
from domain.messages.sync import ChangeKind


def tell_kiosks(settings: Settings, action: str, **details: str | int) -> bool:
    """Whether there is a registry to tell: its kiosks then get new certificates with their next bundle.

    Nothing is told in a home where no registry has run yet.
    """
    if not _has_database(settings):
        return False
    now = datetime.now(UTC)
    audit_key = load_secret(settings.keys_directory / "audit.key")
    with (
        closing(Database(settings.database_url)) as database,
        begin_transaction(database, audit_key, now) as transaction,
    ):
        transaction.connection.execute(update(kiosks).values(chain_issued_on=now.date() - timedelta(days=400)))
        line = AuditLine(
            stream=AuditStream.CARDS, at=now, actor="registry", action=f"keys.{action}", details=dict(details)
        )
        transaction.note(line)
        transaction.publish(NewChange(kind=ChangeKind.BUNDLE, payload={"reason": "keys"}))
    return True


def _has_database(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    # Opening would make the file.
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return False
    with closing(Database(settings.database_url)) as database:
        return bool(inspect(database.engine).has_table(kiosks.name))
