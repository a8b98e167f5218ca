"""Two offline desks, one genuine card and its clone: double deliveries, in parts that can be gone on with."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

_CHUNK = 200


def main() -> int:
    from tests.campaigns.double_spending_campaign import Plant, run
    from tests.campaigns.two_desks import Tally

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000, help="over all parts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1", help="K/M: this process plays part K of M")
    parser.add_argument("--state", type=Path, help="where the part is kept, to be gone on with")
    parser.add_argument("--whole", action="store_true", help="every visit with all its cryptography")
    parser.add_argument("--plant", choices=[each.name for each in Plant], help="a mistake, to be found")
    options = parser.parse_args()
    part, parts = (int(each) for each in options.part.split("/"))
    first, end = options.runs * (part - 1) // parts, options.runs * part // parts
    tally = Tally()
    if options.state is not None and options.state.exists():
        tally = Tally(**json.loads(options.state.read_text(encoding="utf-8")))
    plant = None if options.plant is None else Plant[options.plant]
    began = time.monotonic()
    while first + tally.runs < end:
        count = min(_CHUNK, end - first - tally.runs)
        run(count, seed=options.seed, first=first + tally.runs, is_whole=options.whole, plant=plant, tally=tally)
        if options.state is not None:
            options.state.write_text(json.dumps(asdict(tally)), encoding="utf-8")
        print(f"  {tally.runs} of {end - first} runs, {time.monotonic() - began:.0f} s", flush=True)
    print(f"part {part} of {parts}, seed {options.seed}, {'whole' if options.whole else 'short'} visits:")
    print(f"{tally.runs} runs, {tally.visits} visits, {tally.deliveries} deliveries, {tally.tears} tears")
    print(f"double deliveries {tally.doubles}, numbers used twice {tally.numbers_twice}, written but not handed out")
    print(f"{tally.unpaid}; clone shown {tally.clone_visits} times, served {tally.clone_deliveries} times")
    for told in tally.told:
        print(f"  ! {told}")
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
