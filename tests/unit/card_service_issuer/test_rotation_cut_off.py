"""The power goes in the middle of a change of keys: nothing is half changed, and the step can be done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from card_service import authority_state, rotation
from card_service.authority_state import AuthorityState, read_state, write_state
from card_service.document_signer import load_root
from card_service.durable_file import write_durably
from card_service.rotation import Rotation
from card_service.security_object import verify_sod
from card_service.trust_update import accept_trust
from tests.unit.card_service_issuer.authority import TODAY
from tests.unit.card_service_issuer.rotating_house import DAY, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.rotation.begin(AuthorityState(1, TODAY, crl_number=1))
    return house


Step = Callable[[House], object]
STEPS: dict[str, Step] = {
    "renew": lambda house: house.rotation.renew(today=TODAY + DAY),
    "rotate-csca": lambda house: house.rotation.rotate_root(today=TODAY + DAY),
    "rotate-cvca": lambda house: house.rotation.rotate_verifier(today=TODAY + DAY),
    "rotate-entitlement-signer": lambda house: house.rotation.rotate_entitlement_signer(today=TODAY + DAY),
    "revoke-document-signer": lambda house: house.rotation.revoke_signer(
        load_root((house.directory / "ds-00001.der").read_bytes()).certificate.serial_number, today=TODAY + DAY
    ),
}


class PowerCut(Exception):
    pass


@dataclass
class Cutter:
    """Cuts the power before the n-th thing that lasts."""

    at: int
    done: int = 0

    def step(self) -> None:
        if self.done == self.at:
            raise PowerCut
        self.done += 1


def cuts(monkeypatch: pytest.MonkeyPatch, house: House, step: Step, *, order: str = "state last") -> Iterator[int]:
    """Runs the step with a cut at every place, and says each."""
    at = 0
    while True:
        cutter = Cutter(at)
        make = house.keys.create_key

        def create(
            role: object, generation: int = 1, *, cutter: Cutter = cutter, make: Callable[..., None] = make
        ) -> None:
            cutter.step()
            make(role, generation)

        def write(path: Path, data: bytes, *, cutter: Cutter = cutter) -> None:
            cutter.step()
            write_durably(path, data)

        with monkeypatch.context() as patched:
            # Patched: power goes between two calls of the same function; nothing but a patch gets in between.
            patched.setattr(house.keys, "create_key", create)
            patched.setattr(rotation, "write_durably", write)
            patched.setattr(authority_state, "write_durably", write)
            if order == "state first":
                patched.setattr(Rotation, "_renew", _state_first(Rotation._renew))
            try:
                step(house)
            except PowerCut:
                was_cut = True
            else:
                was_cut = False
        if not was_cut:
            return
        yield at
        at += 1


def _state_first(renew: Callable[[Rotation, AuthorityState], AuthorityState]) -> Callable[..., AuthorityState]:
    def planted(self: Rotation, state: AuthorityState) -> AuthorityState:
        write_state(self.directory, state)
        return renew(self, state)

    return planted


@pytest.mark.parametrize("name", STEPS)
def test_a_step_cut_off_anywhere_changes_nothing_and_can_be_done_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    house.rotation.begin(AuthorityState(1, TODAY, crl_number=1))
    card, before, trials = house.card(TODAY), read_state(tmp_path), 0
    held = house.anchors
    for _ in cuts(monkeypatch, house, STEPS[name]):
        trials += 1
        assert read_state(tmp_path) == before
        assert house.anchors == held
        assert verify_sod(house.card(TODAY), house.anchors, at=TODAY)
    # The last run of ``cuts`` went through: after as many cuts as there are places.
    assert read_state(tmp_path) != before
    assert accept_trust(held, house.anchors, at=TODAY + DAY)
    if name != "revoke-document-signer":
        assert verify_sod(card, house.anchors, at=TODAY + DAY)
    if name != "rotate-entitlement-signer":
        assert verify_sod(house.card(TODAY + DAY), house.anchors, at=TODAY + DAY)
    print(f"{name}: {trials} power cuts, none left a half step")  # noqa: T201  a zero is worth its N


def test_the_harness_finds_a_state_written_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before, found = read_state(house.directory), 0
    for _ in cuts(monkeypatch, house, STEPS["renew"], order="state first"):
        found += read_state(house.directory) != before
        write_state(house.directory, before)
    assert found > 0
