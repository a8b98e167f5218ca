"""What age, sex and work make of the skin of somebody's fingers."""

from __future__ import annotations

from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import Skin
from hardware_sim.town.chance import Chance
from hardware_sim.town.occupation import WORK, WORKING_AGE, Occupation

#: Pixels at 500 dpi: 0.46 mm for men, 0.43 mm for women; a child's ridges are as much finer as its hand is smaller.
PERIOD_MAN_PX, PERIOD_WOMAN_PX, PERIOD_SPREAD_PX = 9.2, 8.7, 0.45
PERIOD_AT_BIRTH_SHARE, GROWN_AT = 0.60, 17
HALF_A_WORKING_LIFE_YEARS = 20
LEAST_SHARE_OF_WEAR, MOST_SHARE_OF_WEAR = 0.5, 1.4
SKIN_AGES_FROM, WEAR_A_YEAR, DRYNESS_A_YEAR = 50, 0.004, 0.012
MOST_WEAR, MOST_DRYNESS = 0.85, 0.9
BORN_WITHOUT_CHANCE = 0.0006
ACCIDENT_CHANCE_AT_HOME = 0.001


def draw_skin(chance: Chance, occupation: Occupation, age_years: int, is_female: bool) -> Skin:
    """The skin of that person."""
    grown = PERIOD_WOMAN_PX if is_female else PERIOD_MAN_PX
    growth = PERIOD_AT_BIRTH_SHARE + (1 - PERIOD_AT_BIRTH_SHARE) * min(1.0, age_years / GROWN_AT)
    period_px = growth * chance.normal(grown, PERIOD_SPREAD_PX)
    work = WORK[occupation]
    years = max(0, age_years - WORKING_AGE)
    lasting = min(MOST_SHARE_OF_WEAR, LEAST_SHARE_OF_WEAR + 0.5 * years / HALF_A_WORKING_LIFE_YEARS)
    old = max(0, age_years - SKIN_AGES_FROM)
    wear = lasting * max(0.0, chance.normal(work.wear, work.spread)) + WEAR_A_YEAR * old
    dryness = work.dryness * chance.between(0.3, 1.5) + DRYNESS_A_YEAR * old * chance.between(0.5, 1.3)
    return Skin(round(period_px, 2), round(min(MOST_WEAR, wear), 2), round(min(MOST_DRYNESS, dryness), 2))


def draw_missing(chance: Chance, occupation: Occupation, age_years: int) -> frozenset[FingerPosition]:
    """Fingers lost in accidents or never had."""
    missing = set()
    if chance.happens(BORN_WITHOUT_CHANCE):
        missing |= {FingerPosition(chance.whole(1, 10)) for _ in range(chance.whole(1, 4))}
    share_of_life = min(1.5, max(0.0, age_years / 45))
    if chance.happens(share_of_life * (ACCIDENT_CHANCE_AT_HOME + WORK[occupation].finger_loss)):
        missing |= {FingerPosition(chance.whole(1, 10)) for _ in range(chance.whole(1, 2))}
    return frozenset(missing)
