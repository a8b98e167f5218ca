"""Stock cards (profile SPC-0) have no ledger: what desks that do not hear of each other give too much, and its bound.

A household may draw L units in a collection window of W days. Each of D desks, on any day, gives a stock card

- at most what is left of L by all that it knows: its own deliveries, and what the registry held at its last sync;
- at most c units a day (the cap);
- nothing when its last sync is more than A days old (the sync age).

On a day on which a desk has a network it first uploads and then hears everything uploaded so far, also of that day.
The bound on the loss per card and window (what is given beyond L), with m(x) = min(L, c * min(x, W)):

    loss <= max(0, min(D * m(W) - L, (D - 1) * m(2 * A)))

The first term: no desk gives more than L, nor more than c a day. The second: the desk that gives last stays within L by
what it knows; of each other desk it may not know the offline days before its own last sync, at most A of them, and
those since, at most A as well. With W <= A the bound is reached, when all desks lose the network at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StockRules:
    """Numbers of one programme: desks D, entitlement L, cap c a day, sync age A days, window W days."""

    desks: int
    entitlement: int
    daily_cap: int
    sync_age_days: int
    window_days: int

    def most(self, days: int) -> int:
        """What one desk can give in so many days."""
        return min(self.entitlement, self.daily_cap * min(days, self.window_days))

    def bound(self) -> int:
        """The largest loss per card and window."""
        together = self.desks * self.most(self.window_days) - self.entitlement
        unheard = (self.desks - 1) * self.most(2 * self.sync_age_days)
        return max(0, min(together, unheard))


@dataclass
class StockDesk:
    """What a desk has given, has uploaded, and knows of the others."""

    given: int = 0
    uploaded: int = 0
    heard: int = 0
    synced_on: int = 0

    def allows(self, rules: StockRules, today: int) -> int:
        """What it would give today."""
        if today - self.synced_on > rules.sync_age_days:
            return 0
        return max(0, min(rules.daily_cap, rules.entitlement - self.given - self.heard))


@dataclass
class StockTally:
    """Over all runs of one set of rules."""

    runs: int = 0
    worst: int = 0
    exceeded: int = 0
    losses: dict[int, int] = field(default_factory=dict)


def play(rules: StockRules, dice: random.Random, *, forgets_age: bool = False) -> int:
    """The loss of one window with networks that come and go; the card walks from desk to desk and asks for all."""
    desks = [StockDesk() for _ in range(rules.desks)]
    chance = dice.choice((0.0, 0.05, 0.2, 0.5))
    for today in range(1, rules.window_days + 1):
        online = [each for each in desks if dice.random() < chance]
        for each in online:
            each.uploaded = each.given
        visited = dice.sample(desks, len(desks))
        for each in visited:
            if each in online:
                _sync(each, desks, today)
            wanted = each.allows(rules, each.synced_on + 1 if forgets_age else today)
            each.given += wanted if dice.random() < 0.95 else dice.randint(0, wanted)
            if each in online:
                each.uploaded = each.given
    return max(0, sum(each.given for each in desks) - rules.entitlement)


def _sync(one: StockDesk, desks: list[StockDesk], today: int) -> None:
    one.heard = sum(each.uploaded for each in desks if each is not one)
    one.synced_on = today


def play_many(rules: StockRules, runs: int, *, seed: int, forgets_age: bool = False) -> StockTally:
    """So many windows; ``forgets_age`` plants desks that go on for ever without a sync."""
    tally, dice, bound = StockTally(), random.Random(seed), rules.bound()
    for _ in range(runs):
        loss = play(rules, dice, forgets_age=forgets_age)
        tally.runs += 1
        tally.worst = max(tally.worst, loss)
        tally.exceeded += loss > bound
    return tally


#: Sets for which the bound is reached (the window is not longer than the sync age), and longer windows.
TIGHT = (
    StockRules(2, 35, 35, 7, 7),
    StockRules(2, 35, 5, 7, 7),
    StockRules(3, 35, 10, 3, 3),
    StockRules(5, 20, 20, 2, 1),
    StockRules(10, 35, 7, 7, 6),
)
LONG = (
    StockRules(2, 35, 5, 3, 30),
    StockRules(3, 35, 2, 4, 30),
    StockRules(4, 60, 3, 2, 30),
    StockRules(2, 100, 5, 3, 30),
)
