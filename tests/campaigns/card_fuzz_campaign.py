"""A campaign of spoiled answers in parts that can be stopped and gone on with, and what it has found."""

from __future__ import annotations

import gc
import json
import random
import resource
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.campaigns.fuzz_flows import Flow, flows, play_live
from tests.campaigns.fuzz_run import Attack, CardUnderAttack, converse, count_answers
from tests.campaigns.line_coverage import LineCoverage
from tests.campaigns.loaded_dice import LoadedDice
from tests.campaigns.remembered_card import CardMemoir, SealRecorder
from tests.campaigns.remembered_functions import RememberedFunctions
from tests.campaigns.stages import Stages

#: The modules that a desk uses while a card lies in a reader; the rest signs, and keeps keys and files.
READER_MODULES = (
    *("activation", "apdu", "atr", "authentic_card", "chip_authentication", "chip_life", "connection", "counters"),
    *("delivery_receipt", "ecdsa_raw", "entitlement_statement", "ledger", "ledger_record", "officer_card", "pace"),
    *("personalisation", "read_back", "secure_messaging", "security_object", "session", "statement_on_card"),
    *("statement_slot", "terminal_authentication", "tlv", "verdicts", "verification", "verified_card"),
    *("data_groups/dg1", "data_groups/dg2", "data_groups/dg11", "data_groups/dg13", "data_groups/dg14"),
)
#: Conversations with the same random values of reader and chip.
EPOCH = 10_000
_WATCH_ALL, _WATCH_EVERY = 40, 200
_SAVE_S = 20.0
_MOST_TOLD = 20
_HEARD = 400


@dataclass
class Findings:
    """What a part has found so far; kept in a file."""

    seed: int
    part: int
    parts: int
    wanted: int
    conversations: int = 0
    answers: int = 0
    skipped: int = 0
    spoiled: int = 0
    sealed: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    endings: dict[str, int] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)
    deceits: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"crash": 0, "deceit": 0, "hang": 0})
    slowest_s: float = 0.0
    took_s: float = 0.0
    rss_first_kb: int = 0
    rss_kb: int = 0
    reached: dict[str, list[int]] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not any(self.counts.values())

    def note(self, name: str, told: str | None) -> None:
        """Count it, and keep the first few."""
        if told is None:
            return
        kept = {"crash": self.crashes, "deceit": self.deceits, "hang": self.hangs}[name]
        self.counts[name] += 1
        if len(kept) < _MOST_TOLD:
            kept.append(f"conversation {self.conversations}: {told}")


def load_or_begin(path: Path | None, *, seed: int, part: int, parts: int, answers: int) -> Findings:
    """What the file holds of this campaign, or a part that begins."""
    wanted = answers * (part + 1) // parts - answers * part // parts
    if path is None or not path.exists():
        return Findings(seed, part, parts, wanted)
    held = Findings(**json.loads(path.read_text(encoding="utf-8")))
    if (held.seed, held.part, held.parts) != (seed, part, parts):
        raise ValueError(f"{path} belongs to another campaign")
    held.wanted = wanted
    return held


def save(path: Path | None, findings: Findings) -> None:
    """Written whole, or not at all."""
    if path is None:
        return
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(findings)), encoding="utf-8")
    beside.replace(path)


class CardFuzz:
    """Runs a part. ``is_watching``: lines reached are noted on every 200th conversation, and on all of the first.

    ``is_skipping``: what was computed or gone through before is remembered; results are the same without it.
    """

    def __init__(
        self, findings: Findings, *, path: Path | None = None, is_watching: bool = True, is_skipping: bool = True
    ) -> None:
        self.findings = findings
        self.coverage = LineCoverage("card_service", findings.reached)
        self._path = path
        self._is_watching = is_watching
        self._dice = LoadedDice()
        self._recorder = SealRecorder()
        self._functions = RememberedFunctions()
        self._stages = Stages(self._dice, CardUnderAttack)
        self._functions.is_resting = self._stages.is_resting = not is_skipping
        self._epoch = ""
        self._heard: deque[bytes] = deque(maxlen=_HEARD)
        self._memoirs: dict[str, tuple[CardMemoir, int]] = {}

    def run(self, *, tick: Callable[[Findings], None] = lambda _: None) -> Findings:
        """Until as many answers were spoiled as wanted. Ends early after a hang, which costs its whole deadline."""
        found, last = self.findings, time.monotonic()
        table = flows()
        for _, flow in table.values():
            play_live(flow)
        names = [name for name, (often, _) in table.items() for _ in range(often)]
        gc.freeze()
        found.rss_first_kb = found.rss_first_kb or _rss_kb()
        with ExitStack() as stack:
            stack.enter_context(self._dice.in_hand())
            stack.enter_context(self._recorder.in_hand())
            stack.enter_context(self._functions.in_hand())
            stack.enter_context(self._stages.in_hand())
            while found.spoiled < found.wanted and found.counts["hang"] < 3:
                dice = random.Random(f"{found.seed}/{found.part}/{found.parts}/{found.conversations}")
                self._have_conversation(dice, names[dice.randrange(len(names))], table)
                if time.monotonic() - last > _SAVE_S:
                    found.took_s += time.monotonic() - last
                    last = time.monotonic()
                    self._keep()
                    tick(found)
        found.took_s += time.monotonic() - last
        self._keep()
        return found

    def _have_conversation(self, dice: random.Random, name: str, table: dict[str, tuple[int, Flow]]) -> None:
        found, flow = self.findings, table[name][1]
        memoir, length = self._memoir(name, flow)
        self._dice.drawn[False] = 0
        attack = Attack.plan(dice, length, self._heard)
        number = found.conversations
        if self._is_watching and (number < _WATCH_ALL or number % _WATCH_EVERY == 0):
            before = self._stages.is_resting
            self._functions.is_resting = self._stages.is_resting = True
            with self.coverage.watching():
                result = converse(flow, memoir, attack)
            self._functions.is_resting = self._stages.is_resting = before
        else:
            result = converse(flow, memoir, attack)
        found.conversations += 1
        found.answers += attack.answers - attack.skipped
        found.skipped += attack.skipped
        found.spoiled += attack.spoiled
        found.sealed += attack.sealed
        found.slowest_s = max(found.slowest_s, result.took_s)
        found.endings[f"{name}: {result.ending}"] = found.endings.get(f"{name}: {result.ending}", 0) + 1
        for kind, count in Counter(attack.kinds).items():
            found.kinds[kind] = found.kinds.get(kind, 0) + count
        for what, told in (("crash", result.crash), ("deceit", result.deceit), ("hang", result.hang)):
            found.note(what, None if told is None else f"{name}: {told}")

    def _memoir(self, name: str, flow: Flow) -> tuple[CardMemoir, int]:
        """The remembered card of this flow, new in every epoch, and the length of its honest conversation."""
        epoch = f"{self.findings.seed}/{self.findings.part}/{self.findings.conversations // EPOCH}"
        if epoch != self._epoch:
            self._epoch = epoch
            self._memoirs.clear()
            self._stages.forget()
        # Of every flow its own: no two cards would draw the same numbers, and so have the same keys of a channel.
        self._dice.epoch = f"{epoch}/{name}"
        if name not in self._memoirs:
            memoir = CardMemoir(flow.segments, self._dice, self._recorder, flow.atr)
            self._dice.drawn[False] = 0
            self._memoirs[name] = memoir, count_answers(flow, memoir)
        return self._memoirs[name]

    def _keep(self) -> None:
        self.findings.rss_kb = _rss_kb()
        self.findings.reached = self.coverage.as_lists()
        save(self._path, self.findings)


def _rss_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
