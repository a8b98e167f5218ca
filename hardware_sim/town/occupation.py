"""What people work at, and what the work does to their fingers.

The figures are assumptions, chosen so that masons, stone-cutters and old farm workers have the trouble that
the reports in docs/synthetic-fingers.md tell of. They were not measured on anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hardware_sim.town.chance import Chance


class Occupation(Enum):
    """Everybody has one; children and old people too."""

    SMALL_CHILD = "small child"
    PUPIL = "pupil"
    HOUSEWORK = "housework"
    FARM_WORKER = "farm worker"
    FARMER = "farmer"
    MASON = "mason"
    STONE_CUTTER = "stone-cutter"
    BRICK_MAKER = "brick maker"
    WEAVER = "weaver"
    WASHERPERSON = "washerperson"
    DRIVER = "driver"
    TRADER = "trader"
    TAILOR = "tailor"
    CLERK = "clerk"
    TEACHER = "teacher"
    RESTING = "resting"


class VillageKind(Enum):
    """What a village lives on."""

    FIELDS = "fields"
    QUARRY = "quarry"
    KILNS = "kilns"
    MARKET = "market"


@dataclass(frozen=True)
class Work:
    """Wear of the ridges (0 none, 1 gone) after half a working life, its spread, how dry skin gets."""

    wear: float
    spread: float
    dryness: float = 0.0
    finger_loss: float = 0.0
    """Chance that an accident at work has cost a finger or a part of one."""


WORK = {
    Occupation.SMALL_CHILD: Work(0.0, 0.0),
    Occupation.PUPIL: Work(0.01, 0.02),
    Occupation.HOUSEWORK: Work(0.12, 0.10, 0.15),
    Occupation.FARM_WORKER: Work(0.24, 0.15, 0.20, 0.006),
    Occupation.FARMER: Work(0.18, 0.13, 0.15, 0.005),
    Occupation.MASON: Work(0.40, 0.18, 0.30, 0.008),
    Occupation.STONE_CUTTER: Work(0.46, 0.18, 0.30, 0.02),
    Occupation.BRICK_MAKER: Work(0.42, 0.17, 0.35, 0.006),
    Occupation.WEAVER: Work(0.15, 0.10, 0.05, 0.002),
    Occupation.WASHERPERSON: Work(0.30, 0.14, 0.10),
    Occupation.DRIVER: Work(0.08, 0.07, 0.05, 0.004),
    Occupation.TRADER: Work(0.05, 0.05),
    Occupation.TAILOR: Work(0.08, 0.06),
    Occupation.CLERK: Work(0.03, 0.03),
    Occupation.TEACHER: Work(0.03, 0.03),
    Occupation.RESTING: Work(0.15, 0.12, 0.15, 0.005),
}

SCHOOL_AGE, WORKING_AGE, RESTING_AGE = 5, 16, 68
STILL_AT_SCHOOL_CHANCE, LAST_SCHOOL_AGE = 0.7, 18
RESTING_CHANCE = 0.6

_MEN = {
    VillageKind.FIELDS: (
        (Occupation.FARM_WORKER, 38), (Occupation.FARMER, 30), (Occupation.MASON, 8), (Occupation.DRIVER, 7),
        (Occupation.TRADER, 6), (Occupation.WEAVER, 3), (Occupation.TAILOR, 3), (Occupation.CLERK, 3),
        (Occupation.TEACHER, 2),
    ),
    VillageKind.QUARRY: (
        (Occupation.STONE_CUTTER, 38), (Occupation.MASON, 16), (Occupation.FARM_WORKER, 20), (Occupation.FARMER, 10),
        (Occupation.DRIVER, 8), (Occupation.TRADER, 5), (Occupation.CLERK, 2), (Occupation.TEACHER, 1),
    ),
    VillageKind.KILNS: (
        (Occupation.BRICK_MAKER, 36), (Occupation.MASON, 12), (Occupation.FARM_WORKER, 24), (Occupation.FARMER, 10),
        (Occupation.DRIVER, 9), (Occupation.TRADER, 6), (Occupation.CLERK, 2), (Occupation.TEACHER, 1),
    ),
    VillageKind.MARKET: (
        (Occupation.TRADER, 26), (Occupation.DRIVER, 16), (Occupation.MASON, 10), (Occupation.TAILOR, 10),
        (Occupation.CLERK, 13), (Occupation.TEACHER, 6), (Occupation.WEAVER, 5), (Occupation.FARM_WORKER, 10),
        (Occupation.WASHERPERSON, 4),
    ),
}  # fmt: skip
_WOMEN = {
    VillageKind.FIELDS: (
        (Occupation.HOUSEWORK, 42), (Occupation.FARM_WORKER, 36), (Occupation.FARMER, 10), (Occupation.TAILOR, 4),
        (Occupation.WEAVER, 3), (Occupation.TRADER, 3), (Occupation.TEACHER, 2),
    ),
    VillageKind.QUARRY: (
        (Occupation.HOUSEWORK, 45), (Occupation.FARM_WORKER, 28), (Occupation.STONE_CUTTER, 14),
        (Occupation.TAILOR, 5), (Occupation.TRADER, 6), (Occupation.TEACHER, 2),
    ),
    VillageKind.KILNS: (
        (Occupation.HOUSEWORK, 38), (Occupation.FARM_WORKER, 26), (Occupation.BRICK_MAKER, 24),
        (Occupation.TAILOR, 5), (Occupation.TRADER, 5), (Occupation.TEACHER, 2),
    ),
    VillageKind.MARKET: (
        (Occupation.HOUSEWORK, 50), (Occupation.TRADER, 16), (Occupation.TAILOR, 10), (Occupation.WASHERPERSON, 7),
        (Occupation.CLERK, 6), (Occupation.TEACHER, 7), (Occupation.WEAVER, 4),
    ),
}  # fmt: skip


def draw_occupation(chance: Chance, kind: VillageKind, age_years: int, is_female: bool) -> Occupation:
    """What somebody of that age does in such a village."""
    if age_years < SCHOOL_AGE:
        return Occupation.SMALL_CHILD
    if age_years < WORKING_AGE or (age_years <= LAST_SCHOOL_AGE and chance.happens(STILL_AT_SCHOOL_CHANCE)):
        return Occupation.PUPIL
    if age_years >= RESTING_AGE and chance.happens(RESTING_CHANCE):
        return Occupation.RESTING
    return chance.weighed((_WOMEN if is_female else _MEN)[kind])
