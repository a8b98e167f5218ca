"""The day, step by step, each with what it must prove."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.demo import cast
from kiosk.demo.actor import Actor, Album, State, on_screen
from kiosk.demo.bench import HOLDER_READER, OFFICER_READER
from kiosk.demo.network import DESKS, Network
from kiosk.demo.parts import Enroller, Officer, Visitor
from kiosk.demo.prepare import Prepared, log_in
from kiosk.demo.timeline import Shot, Step, Timeline

_ENROLMENT_S = 120.0
_SYNC_S = 60.0
_RATION = "1"
_HOME, _SHOP, _FAR_SHOP = DESKS


@dataclass
class Day:
    """The story so far: what later steps need from earlier ones."""

    network: Network
    timeline: Timeline
    prepared: Prepared
    out: Path
    #: Without drawing anything: quick, and no pictures.
    is_headless: bool = False
    mother_card: str = ""
    album: Album | None = field(init=False)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.album = None if self.is_headless else Album(self.out / "screens")

    def play(self) -> None:
        """All steps; a step that does not hold is noted, and the day goes on where it can."""
        officer = Officer(self.prepared.officer_card)
        self._log_in(officer)
        self._enrol_and_issue(officer)
        self._serve_offline()
        self._serve_worn_fingers()
        self._refuse_copy()
        self._come_back_online()

    def _begin(self, step: Step, desk: str) -> Actor:
        """The actor at that desk; its kiosk is started when it is first needed."""
        if desk not in self.actors:
            pilot = self.network.start_kiosk(desk, headless=self.is_headless)
            self.actors[desk] = self.network.actor(desk, pilot, self.album)
        actor = self.actors[desk]
        actor.begin(step)
        return actor

    def _begin_at_rest(self, step: Step, desk: str) -> Actor:
        """As above, after every card and finger was taken away and the screen rests: no step spoils the next."""
        for each in DESKS:
            bench = self.network.bench(each)
            bench.lift()
            for reader in (HOLDER_READER, OFFICER_READER):
                bench.remove(reader=reader)
        actor = self._begin(step, desk)
        actor.lift()
        actor.play(_Leaver(), on_screen("Attract"))
        return actor

    def _log_in(self, officer: Officer) -> None:
        with self.timeline.step("An officer logs in with card and finger") as step:
            actor = self._begin(step, _HOME)
            state = log_in(actor, officer)
            step.expect(state["screen"] == "OfficerHome", "card genuine, finger matched, officer on duty")

    def _enrol_and_issue(self, officer: Officer) -> None:
        bench = self.network.bench(_HOME)
        people = bench.people()
        enroller = Enroller(cast.family(people), officer)
        with self.timeline.step("A mother registers her household of five") as step:
            actor = self._begin(step, _HOME)
            actor.pilot.press("enrol")
            actor.play(enroller, on_screen("DuplicateReview"), timeout_s=_ENROLMENT_S)
            step.expect(enroller.members_told == 5, "five members, names in two scripts")
            step.expect("toddler" not in enroller.placed, "the child of 4 gave a photo and no finger")
            step.expect(
                all(enroller.placed[part] >= 4 for part in ("mother", "father", "daughter", "son")),
                "two impressions of two to four fingers of everybody old enough",
            )
        with self.timeline.step("A near-duplicate is found and shown side by side; the officer decides") as step:
            actor = self._begin(step, _HOME)
            actor.play(enroller, on_screen("ScreeningResults"))
            step.expect(enroller.decisions >= 1, "the officer decided: another person")
        with self.timeline.step("All programmes are screened for the family in one step") as step:
            actor = self._begin(step, _HOME)
            rows = _rows(actor.play(enroller, on_screen("ScreeningResults")))
            step.expect(len(rows) == 10, "ten programmes, each with yes or no and a reason")
            step.expect(all(row["reason"] for row in rows), "every answer has its reason")
            entitled = [str(row["name"]) for row in rows if row["answer"] == "yes"]
            step.expect(bool(entitled), f"entitled to: {', '.join(entitled)}")
        with self.timeline.step("The card is issued on the spot") as step:
            actor = self._begin(step, _HOME)
            state = actor.play(
                enroller,
                lambda s: s["screen"] == "Notice" and s["title_key"] == "issue.done_title",
                timeout_s=_ENROLMENT_S,
            )
            self.mother_card = str(state["reference"]).replace(" ", "")
            cards = self._report()["cards"]
            step.expect(
                isinstance(cards, dict) and cards.get(self.mother_card) == "active",
                f"card {self.mother_card} is ACTIVE after read-back, challenge, finger and countersignature",
            )
            self._keep_faces(step)
            actor.pilot.press("ok")
            bench.remove()
            actor.play(officer, on_screen("OfficerHome"))
            officer.take_card(actor)
            actor.pilot.press("logout")
            actor.play(officer, on_screen("Attract"))

    def _serve_offline(self) -> None:
        with self.timeline.step("The network goes away") as step:
            for desk in (_SHOP, _FAR_SHOP):
                self._begin(step, desk)
            for desk in DESKS:
                self.network.bench(desk).cut_network()
            actor = self._begin(step, _SHOP)
            actor.play(Visitor(""), lambda s: s["screen"] == "Attract" and s["is_online"] is False, timeout_s=_SYNC_S)
            step.expect(True, "every desk says that it is offline, and goes on")
        with self.timeline.step("At the ration shop the mother takes what is due, without network") as step:
            actor = self._begin_at_rest(step, _SHOP)
            mother = Visitor("mother", take=_RATION)
            self.network.bench(_SHOP).insert(self.mother_card)
            state = actor.play(mother, on_screen("Notice", "serve.handed_over"))
            step.expect(state["mood"] == "success", f"receipt {state['reference']} signed by the card")
            step.expect(mother.placings == 1, "the first finger opened the card")
            actor.pilot.press("ok")
            rows = _rows(actor.play(mother, on_screen("Entitlements")))
            step.expect(any(row["scheme"] == _RATION and row["state"] == "drawn" for row in rows), "shown as drawn")
            self._keep_receipts(step, _SHOP)
        for desk, place in ((_SHOP, "the same shop"), (_FAR_SHOP, "a shop that never heard of the first")):
            with self.timeline.step(f"A second ration for the same month is refused at {place}") as step:
                self._refuse_second(step, desk)

    def _refuse_second(self, step: Step, desk: str) -> None:
        actor, bench = self._begin_at_rest(step, desk), self.network.bench(desk)
        bench.insert(self.mother_card)
        state = actor.play(Visitor("mother", take=_RATION), _is_refused)
        step.expect(bool(state.get("reference")), f"refused: {state['body']} (number {state['reference']})")
        self._leave(actor)
        self._keep_receipts(step, desk)

    def _serve_worn_fingers(self) -> None:
        with self.timeline.step("A grandfather with worn fingers is served by the next rungs") as step:
            actor, bench = self._begin_at_rest(step, _SHOP), self.network.bench(_SHOP)
            officer = Officer(self.prepared.officer_card)
            bench.show_face("grandfather")
            grandfather = Visitor("grandfather", condition="worn", take=_RATION, officer=officer)
            bench.insert(self.prepared.grandfather_card)
            state = actor.play(grandfather, on_screen("Notice", "serve.handed_over"), timeout_s=_ENROLMENT_S)
            step.expect(grandfather.placings >= 3, f"{grandfather.placings} placings of worn fingers were not enough")
            step.expect(state["mood"] == "success", "face and officer: the ration was handed over")
            self._leave(actor)
            officer.take_card(actor)
            self._keep_receipts(step, _SHOP)

    def _refuse_copy(self) -> None:
        with self.timeline.step("A stranger with a copied card is refused: not genuine") as step:
            actor, bench = self._begin_at_rest(step, _FAR_SHOP), self.network.bench(_FAR_SHOP)
            bench.insert(bench.copy_card(self.mother_card))
            state = actor.play(Visitor("stranger"), _is_refused)
            keys = state["body_keys"]
            is_not_genuine = isinstance(keys, list) and "card.reason.not_genuine" in keys
            step.expect(is_not_genuine, f"FAILED: {state['body']} (number {state['reference']})")
            self._leave(actor)
            self._keep_receipts(step, _FAR_SHOP)

    def _come_back_online(self) -> None:
        with self.timeline.step("The network returns: everything syncs, once") as step:
            for desk in DESKS:
                self.network.bench(desk).restore_network()
            for desk in DESKS:
                actor = self._begin_at_rest(step, desk)
                actor.play(Visitor(""), _is_synced, timeout_s=_SYNC_S)
            report = self._report()
            deliveries = report["deliveries"]
            assert isinstance(deliveries, list), "the report lists deliveries"
            drawn = [(each["card"], each["scheme"]) for each in deliveries]
            expected = [(self.mother_card, 1), (self.prepared.grandfather_card, 1)]
            step.expect(sorted(drawn) == sorted(expected), "the registry has both deliveries, each once")
            step.expect(
                all(each["receipt_verified"] for each in deliveries), "both receipts verify with the card's key"
            )
            by = {each["card"]: each["verified_by"] for each in deliveries}
            step.expect(
                by[self.prepared.grandfather_card] == "FACE_AND_OFFICER",
                "the register shows by which rung he was served",
            )
            step.expect(int(str(report["denials"])) >= 3, f"{report['denials']} refusals in the exception register")
            audit = self.network.ask_registry("audit", "verify")
            step.expect("whole" in audit, f"the audit chain verifies: {audit.strip().splitlines()[-1]}")

    def _leave(self, actor: Actor) -> None:
        """Away from whatever is shown, card in hand, back to the resting screen."""
        actor.bench.remove()
        actor.lift()
        actor.play(_Leaver(), on_screen("Attract"))

    def _report(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.network.ask_registry("report"))
        return found

    def _keep_receipts(self, step: Step, desk: str) -> None:
        """Everything the receipt printer printed since the last look, as files beside the timeline."""
        bench, directory = self.network.bench(desk), self.out / "receipts"
        directory.mkdir(parents=True, exist_ok=True)
        for name in bench.receipts():
            path = directory / f"{desk}-{name}.png"
            if not path.exists():
                path.write_bytes(bench.receipt(name))
                step.shots.append(Shot(f"receipts/{path.name}", f"printed at {desk}"))

    def _keep_faces(self, step: Step) -> None:
        bench, directory = self.network.bench(_HOME), self.out / "cards"
        directory.mkdir(parents=True, exist_ok=True)
        for name in bench.card_faces():
            path = directory / name
            path.write_bytes(bench.card_face(name))
            if path.suffix == ".png" and self.mother_card in name:
                step.shots.append(Shot(f"cards/{name}", "the card's face"))


class _Leaver:
    """Touches messages away."""

    def act(self, actor: Actor, state: State) -> bool:
        if state["screen"] == "Notice":
            actions = state["actions"]
            ids = [str(action["id"]) for action in actions] if isinstance(actions, list) else []
            return any(actor.press(state, action) for action in ("ok", "stop") if action in ids)
        if state["screen"] == "Entitlements":
            return actor.press(state, "done")
        return False


def _rows(state: State) -> list[dict[str, object]]:
    rows = state["rows"]
    assert isinstance(rows, list), "this screen has rows"
    return rows


def _is_refused(state: State) -> bool:
    return state["screen"] == "Notice" and state.get("mood") == "refused"


def _is_synced(state: State) -> bool:
    return state["screen"] == "Attract" and state.get("is_online") is True and state.get("waiting_events") == 0
