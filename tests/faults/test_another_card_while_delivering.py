"""Two households at one reader, whose cards change places in the middle of a visit: each gets its own ration, once."""

from __future__ import annotations

import pytest

from tests.faults.delivering import deliver_two_under, deliver_under
from tests.faults.pulls import Moment, Pull
from tests.faults.test_card_pulled_while_delivering import writing_command

pytestmark = pytest.mark.timeout(900)
_BOTH_SIDES = (Moment.NOT_DELIVERED, Moment.ANSWER_LOST)


def test_another_card_put_in_at_any_command_is_served_for_itself_and_the_first_one_too() -> None:
    commands = deliver_under([]).meter.commands
    pulls = [Pull(_BOTH_SIDES[at % 2], at) for at in range(1, commands + 1, 2)]
    pulls += [Pull(side, at) for side in _BOTH_SIDES for at in range(writing_command() - 1, commands + 1)]
    for pull in pulls:
        assert deliver_two_under([pull]) == [], pull
    print(f"\ncards changed places in {len(pulls)} ways: 0 cross writes, 0 lost, 0 double")  # noqa: T201


def test_the_harness_finds_a_desk_that_keeps_one_plan_for_whatever_card_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.store.documents import Shelf

    save = Shelf.save

    def save_one(self: Shelf, name: str, document: object) -> None:  # type: ignore[type-arg]
        for kept, _ in self.all() if self._kind == "planned_delivery" else []:
            self.remove(kept)
        save(self, name, document)  # type: ignore[arg-type]

    # Patched because the mistake must sit inside the store.
    monkeypatch.setattr(Shelf, "save", save_one)
    assert "not journalled once" in deliver_two_under([Pull(Moment.ANSWER_LOST, writing_command())])
