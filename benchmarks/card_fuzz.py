"""Spoiled answers of a card over whole conversations: crashes, hangs, deceptions, lines reached, memory."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_FEW = 12


def main() -> int:
    from tests.campaigns.card_fuzz_campaign import READER_MODULES, CardFuzz, Findings, load_or_begin
    from tests.campaigns.planted_readers import PLANTED

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=5_000, help="spoiled answers, over all parts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1", help="K/M: this process plays part K of M")
    parser.add_argument("--state", type=Path, help="where the part is kept, to be gone on with")
    parser.add_argument("--no-coverage", action="store_true", help="watch no lines")
    parser.add_argument("--plant", choices=sorted(PLANTED), help="put a mistake into the reader, to be found")
    options = parser.parse_args()
    part, parts = (int(each) for each in options.part.split("/"))
    found = load_or_begin(options.state, seed=options.seed, part=part - 1, parts=parts, answers=options.answers)
    campaign = CardFuzz(found, path=options.state, is_watching=not options.no_coverage)

    def tick(now: Findings) -> None:
        print(f"  {now.spoiled} of {now.wanted} spoiled, {now.counts}, {now.took_s:.0f} s", flush=True)

    if options.plant is not None:
        with PLANTED[options.plant]():
            campaign.run(tick=tick)
    else:
        campaign.run(tick=tick)
    reader, everything = campaign.coverage.share(READER_MODULES), campaign.coverage.share()
    print(f"part {part} of {parts}, seed {found.seed}: {found.spoiled} spoiled answers")
    print(f"({found.sealed} inside the channel) of {found.answers} answers in {found.conversations} conversations")
    print(f"in {found.took_s:.0f} s")
    print(f"crashes {found.counts['crash']}, hangs {found.counts['hang']}, deceived {found.counts['deceit']}")
    print(f"slowest conversation {found.slowest_s:.2f} s; memory {found.rss_first_kb} -> {found.rss_kb} kB at most")
    print(f"lines in functions reached: reader side {reader[0]} of {reader[1]}, all of card_service {everything[0]} of")
    print(f"{everything[1]} (sys.settrace on the first conversations and every 200th)")
    for name, count in sorted(found.endings.items(), key=lambda each: -each[1])[:_FEW]:
        print(f"  {count:8} {name}")
    for told in (*found.crashes, *found.deceits, *found.hangs):
        print(f"  ! {told}")
    return 0 if found.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
