"""Before the day: a registry with all keys, three joined kiosks, the first officer, and who was registered before."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.demo import cast
from kiosk.demo.actor import Actor, State, on_screen
from kiosk.demo.network import DESKS, Network
from kiosk.demo.parts import Enroller, Officer
from kiosk.demo.timeline import StepDidNotHold

_FIRST = DESKS[0]
_ENROLMENT_S = 90.0


@dataclass(frozen=True)
class Prepared:
    """What the day begins with: numbers of the cards given out before."""

    officer_card: str
    grandfather_card: str


def prepare(network: Network) -> Prepared:
    """Everything up and joined; the officer's card made; grandfather and namesake registered."""
    network.stock_up()
    codes = network.start_registry()
    for desk, code in zip(DESKS, codes, strict=False):
        network.start_desk(desk)
        network.join(desk, code)
    officer_card = _found(network)
    grandfather_card = _register_earlier(network, officer_card)
    return Prepared(officer_card, grandfather_card)


def _found(network: Network) -> str:
    """The first officer: registered with nobody above, appointed by the registry, a card that signs for itself."""
    people = network.bench(_FIRST).people()
    nobody = Officer("")
    with network.start_kiosk(_FIRST, command=("found",)) as pilot:
        actor = network.actor(_FIRST, pilot)
        actor.play(
            Enroller(cast.single(people, "officer"), nobody), on_screen("ScreeningResults"), timeout_s=_ENROLMENT_S
        )
        actor.pilot.press("back")
    person_id = _last_line(network, _FIRST)
    operator_id = network.ask_registry("appoint", person_id, "officer").split()[0]
    with network.start_kiosk(_FIRST, command=("officer-card", "--operator", operator_id)) as pilot:
        actor = network.actor(_FIRST, pilot)
        actor.play(_CardForSelf(), _is_handed_over, timeout_s=_ENROLMENT_S)
        number = str(actor.state()["reference"]).replace(" ", "")
        actor.pilot.press("ok")
    network.bench(_FIRST).remove()
    _ended(network, _FIRST)
    return number


class _CardForSelf:
    """The officer's own first card: blank in, finger, done."""

    def __init__(self) -> None:
        self._has_blank = False

    def act(self, actor: Actor, state: State) -> bool:
        if state["screen"] == "FingerCapture":
            return actor.place_finger(state, "officer")
        if state["screen"] == "PictureView":
            return actor.press(state, "ok")
        if state["screen"] == "Notice" and state.get("mood") == "info" and not self._has_blank:
            actor.bench.insert("blank")
            self._has_blank = True
            return True
        return False


def _is_handed_over(state: State) -> bool:
    return state["screen"] == "Notice" and state["title_key"] == "issue.done_title"


def _register_earlier(network: Network, officer_card: str) -> str:
    """The grandfather gets his card; the namesake is registered without one."""
    bench, officer = network.bench(_FIRST), Officer(officer_card)
    people = bench.people()
    with network.start_kiosk(_FIRST, headless=True) as pilot:
        actor = network.actor(_FIRST, pilot)
        log_in(actor, officer)
        pilot.press("enrol")
        actor.play(Enroller(cast.single(people, "grandfather"), officer), _is_handed_over, timeout_s=_ENROLMENT_S)
        number = str(actor.state()["reference"]).replace(" ", "")
        pilot.press("ok")
        bench.remove()
        actor.play(officer, on_screen("OfficerHome"))
        officer.take_card(actor)
        pilot.press("enrol")
        namesake = Enroller(cast.single(people, "namesake"), officer)
        actor.play(namesake, on_screen("ScreeningResults"), timeout_s=_ENROLMENT_S)
        pilot.press("back")
        actor.play(officer, on_screen("OfficerHome"))
        officer.take_card(actor)
    network.stop_kiosk(_FIRST)
    return number


def log_in(actor: Actor, officer: Officer) -> State:
    """From the resting screen to the officer's tiles."""
    actor.pilot.press("staff")
    state = actor.play(officer, on_screen("OfficerHome"))
    officer.take_card(actor)
    return state


def _last_line(network: Network, desk: str) -> str:
    """What the ended kiosk programme printed last."""
    _ended(network, desk)
    lines = network.processes.log_end(f"kiosk-{desk}").strip().splitlines()
    if not lines:
        raise StepDidNotHold("the programme printed nothing")
    return lines[-1]


def _ended(network: Network, desk: str) -> None:
    name = f"kiosk-{desk}"
    network.processes.wait_for_end(name, timeout_s=30.0)
