"""Finding persons by their fingers, as a port: another engine can take the place of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from biometrics.template import Template
from central_api.vault import Vault
from domain.ids import PersonId


class FingerSearch(Protocol):
    """Everybody enrolled, by finger."""

    def refresh(self, connection: Connection, vault: Vault) -> None:
        """Takes in whose fingers came, changed or went since the last time."""

    def search(self, probes: Sequence[Template]) -> dict[PersonId, int]:
        """Persons with a finger that matches at FMR 0.01 %, and how many of the probe's fingers do."""
