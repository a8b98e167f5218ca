"""What every request handler works with, made once by the app factory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import Depends, Request

from central_api.database import Database
from central_api.finger_search import FingerSearch
from central_api.journal.transaction import Transaction, begin_transaction
from central_api.settings import Settings
from central_api.trust import Trust
from central_api.vault import Vault


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry's parts. ``now`` is the clock; tests set their own."""

    settings: Settings
    database: Database
    trust: Trust
    vault: Vault
    enrolment_key: X25519PrivateKey
    audit_key: bytes
    fingers: FingerSearch
    now: Callable[[], datetime] = utc_now

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """The transaction of a request. It has committed when the block is left: answer after it, not inside."""
        with begin_transaction(self.database, self.audit_key, self.now()) as transaction:
            yield transaction


def registry_of(request: Request) -> Registry:
    registry = request.app.state.registry
    assert isinstance(registry, Registry)
    return registry


#: A handler's parameter that receives the registry.
RegistryPart = Annotated[Registry, Depends(registry_of)]
