"""The report on fingers as a record. On the registry's own machine only, as the console."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from central_api.access.near_by import require_near_by
from central_api.context import RegistryPart
from central_api.finger_outcomes.groups import ALARM_FACTOR
from central_api.finger_outcomes.service import USUAL_DAYS, FingerReport, read_report

#: GET with ``days`` and ``factor`` -> FingerReport (unsigned; holds no personal data).
FINGER_OUTCOMES = "/v1/finger-outcomes"
_MOST_DAYS = 730

router = APIRouter(tags=["finger outcomes"], dependencies=[Depends(require_near_by)])

Days = Annotated[int, Query(ge=1, le=_MOST_DAYS)]
Factor = Annotated[float, Query(gt=1.0, le=20.0)]


@router.get(FINGER_OUTCOMES)
def finger_outcomes(registry: RegistryPart, days: Days = USUAL_DAYS, factor: Factor = ALARM_FACTOR) -> FingerReport:
    """Failure to enrol and to verify by age, sex, work, desk, operator and device; small groups are hidden."""
    with registry.database.read() as connection:
        return read_report(connection, registry.now(), days=days, factor=factor)
