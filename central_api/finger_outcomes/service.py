"""The report on fingers: failure to enrol and failure to verify, by group."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection

from central_api.finger_outcomes import repository
from central_api.finger_outcomes.groups import ALARM_FACTOR, LEAST_PEOPLE, GroupFigure, count
from domain.record import Record

USUAL_DAYS = 90


class FingerReport(Record):
    """Failures of the last ``days``. Groups of fewer than ``least_people`` have no numbers."""

    days: int
    least_people: int
    alarm_factor: float
    to_enrol: tuple[GroupFigure, ...]
    to_verify: tuple[GroupFigure, ...]

    @property
    def alarms(self) -> tuple[GroupFigure, ...]:
        """Groups whose failures somebody should look at now."""
        return tuple(each for each in (*self.to_enrol, *self.to_verify) if each.is_alarming)


def read_report(connection: Connection, now: datetime, *, days: int, factor: float = ALARM_FACTOR) -> FingerReport:
    """Counted now, from what registrations, deliveries and refusals say."""
    since = now - timedelta(days=days)
    verified = chain(repository.list_verified(connection, since), repository.list_turned_away(connection, since))
    return FingerReport(
        days=days,
        least_people=LEAST_PEOPLE,
        alarm_factor=factor,
        to_enrol=count(repository.list_enrolled(connection, since), factor=factor),
        to_verify=count(verified, factor=factor),
    )
