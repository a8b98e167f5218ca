"""``python -m hardware_sim.town --people 100000 --seed S [--statistics] [--digest] [--list]``: a town, as numbers."""

from __future__ import annotations

import argparse
import sys

from hardware_sim.town.statistics import TownStatistics
from hardware_sim.town.town import Town

DEFAULT_PEOPLE = 100_000


def main(arguments: list[str] | None = None) -> int:
    """Print what was asked for; always 0."""
    options = _parse(arguments)
    town = Town(options.seed, options.people)
    if options.list:
        for person in town:
            print(
                f"{person.id} {person.household} {person.village} {person.given_name} {person.family_name} "
                f"{'F' if person.is_female else 'M'}{person.age_years} {person.role.value}, {person.occupation.value}"
            )
    if options.digest:
        print(town.digest())
    if options.statistics or not (options.list or options.digest):
        print("\n".join(TownStatistics.of(town).lines()))
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hardware_sim.town", description="An invented town")
    parser.add_argument("--people", type=int, default=DEFAULT_PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--statistics", action="store_true", help="ages, households, work and worn fingers")
    parser.add_argument("--digest", action="store_true", help="one number that is equal for equal towns")
    parser.add_argument("--list", action="store_true", help="everybody, a line each")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
