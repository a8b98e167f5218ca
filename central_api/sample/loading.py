"""Filling a registry with the sample. Loading again changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

from central_api.context import Registry
from central_api.duplicates.names import name_key
from central_api.entitlements.service import choose_programmes
from central_api.households import repository as households
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.kiosks.service import give_code
from central_api.places.repository import has_area, put_areas
from central_api.programmes.catalogue_files import load_catalogue, load_whole_catalogue
from central_api.programmes.service import put_catalogue
from central_api.sample.areas import load_areas
from central_api.sample.town import make_town
from domain.ids import ProgrammeCode
from domain.messages.enrolment import ProgrammesChosen
from domain.people import Household

SAMPLE_KIOSKS = 3
SAMPLE_FILE = "sample.json"
_OWNER_ONLY = 0o600
_CHOSEN = ("food_ration", "old_age_pension", "widow_pension", "school_scholarship", "health_insurance")


def load_sample(registry: Registry, *, has_all_schemes: bool = False) -> list[str]:
    """Places, programmes and the town, and fresh one-time codes for three kiosks (also in ``home/sample.json``).

    Ten programmes, or all 45.
    """
    with registry.begin() as transaction:
        areas = load_areas()
        missing = [area for area in areas if not has_area(transaction.connection, area.code)]
        put_areas(transaction.connection, missing)
        put_catalogue(transaction, load_whole_catalogue() if has_all_schemes else load_catalogue())
        added = sum(_add(transaction, household) for household in make_town(areas, on=transaction.now.date()))
        if added:
            _note(transaction, added)
        codes = [give_code(transaction, "sample kiosk") for _ in range(SAMPLE_KIOSKS)]
    _write(registry.settings.home / SAMPLE_FILE, codes)
    return codes


def _add(transaction: Transaction, household: Household) -> bool:
    connection, now = transaction.connection, transaction.now
    if households.has_household(connection, household.id):
        return False
    households.add_household(connection, household, now)
    for position, member in enumerate(household.members):
        person = member.person
        households.add_person(connection, person, name_key(person.name))
        households.add_membership(connection, household.id, person.id, member.relationship, position, now)
    programmes = tuple(ProgrammeCode(code) for code in _CHOSEN)
    choose_programmes(transaction, ProgrammesChosen(household_id=household.id, programmes=programmes), None)
    return True


def _note(transaction: Transaction, added: int) -> None:
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor="registry",
        action="sample.town_loaded",
        details={"households": added},
    )
    transaction.note(line)


def _write(file: Path, codes: list[str]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({"one_time_codes": codes}, stream, indent=2)
