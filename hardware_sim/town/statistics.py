"""What a town is like, in numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hardware_sim.town.person import TownPerson

AGE_BAND_YEARS = 5
OLDEST_BAND = 80
LARGEST_HOUSEHOLD_BAND = 8
WORN_BAND_YEARS = 20


@dataclass
class Group:
    """How many people, and how many of them with worn fingers."""

    people: int = 0
    worn: int = 0
    wear: float = 0.0

    def add(self, person: TownPerson) -> None:
        """Count somebody in."""
        self.people += 1
        self.worn += person.is_worn
        self.wear += person.skin.wear

    @property
    def worn_share(self) -> float:
        return self.worn / max(1, self.people)

    @property
    def mean_wear(self) -> float:
        return self.wear / max(1, self.people)


@dataclass
class TownStatistics:
    """Counts over people seen one by one."""

    people: int = 0
    women: int = 0
    missing_a_finger: int = 0
    by_age: Counter[tuple[int, bool]] = field(default_factory=Counter)
    """People by (lower end of their five years of age, whether female)."""
    household_sizes: Counter[int] = field(default_factory=Counter)
    """Households by their number of people; 8 stands for 8 and more."""
    by_occupation: Mapping[str, Group] = field(default_factory=lambda: defaultdict(Group))
    by_age_of_work: Mapping[int, Group] = field(default_factory=lambda: defaultdict(Group))

    @staticmethod
    def of(people: Iterable[TownPerson]) -> TownStatistics:
        """The counts over all of them; nobody is kept."""
        counts = TownStatistics()
        sizes: Counter[int] = Counter()
        for person in people:
            counts.add(person)
            sizes[person.household] += 1
        counts.household_sizes = Counter(min(size, LARGEST_HOUSEHOLD_BAND) for size in sizes.values())
        return counts

    def add(self, person: TownPerson) -> None:
        """Count somebody in."""
        self.people += 1
        self.women += person.is_female
        self.missing_a_finger += bool(person.missing_fingers)
        band = min(person.age_years // AGE_BAND_YEARS * AGE_BAND_YEARS, OLDEST_BAND)
        self.by_age[band, person.is_female] += 1
        self.by_occupation[person.occupation.value].add(person)
        self.by_age_of_work[person.age_years // WORN_BAND_YEARS * WORN_BAND_YEARS].add(person)

    def lines(self) -> list[str]:
        """The counts to be read."""
        return [
            f"{self.people} people, {sum(self.household_sizes.values())} households, "
            f"{100 * self.women / max(1, self.people):.1f} % women, {self.missing_a_finger} lack a finger",
            *self._pyramid(),
            *self._sizes(),
            *_groups("worn fingers by occupation", self.by_occupation),
            *_groups("worn fingers by age", {f"{age}-{age + 19}": g for age, g in sorted(self.by_age_of_work.items())}),
        ]

    def _pyramid(self) -> list[str]:
        rows = ["", f"{'age':>6} {'men':>7} {'women':>7}"]
        for band in range(0, OLDEST_BAND + 1, AGE_BAND_YEARS):
            name = f"{band}+" if band == OLDEST_BAND else f"{band}-{band + AGE_BAND_YEARS - 1}"
            men, women = self.by_age[band, False], self.by_age[band, True]
            rows.append(f"{name:>6} {men:>7} {women:>7}  {'#' * round(200 * (men + women) / max(1, self.people))}")
        return rows

    def _sizes(self) -> list[str]:
        whole = max(1, sum(self.household_sizes.values()))
        rows = ["", f"{'people in a household':>22} {'share':>8}"]
        for size in range(1, LARGEST_HOUSEHOLD_BAND + 1):
            name = f"{size}+" if size == LARGEST_HOUSEHOLD_BAND else str(size)
            rows.append(f"{name:>22} {100 * self.household_sizes[size] / whole:>6.1f} %")
        return rows


def _groups(title: str, groups: Mapping[str, Group]) -> list[str]:
    rows = ["", f"{title:>28} {'people':>8} {'worn':>8} {'mean wear':>10}"]
    for name, group in groups.items():
        rows.append(f"{name:>28} {group.people:>8} {100 * group.worn_share:>6.1f} % {group.mean_wear:>10.2f}")
    return rows
