"""The parts that people play at a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk.demo.actor import Actor, State
from kiosk.demo.bench import HOLDER_READER, OFFICER_READER
from kiosk.demo.cast import FamilyPlan, PersonPlan

_WAIT_FOR_NOTHING = ("wait",)


@dataclass
class Officer:
    """Holds the officer card and shows the officer's finger wherever it is asked for."""

    card: str
    has_card_in: bool = False

    def act(self, actor: Actor, state: State) -> bool:
        if state["title_key"] != "login.title":
            if self.has_card_in and state["screen"] in ("OfficerHome", "FaceComparison"):
                self.take_card(actor)
            return False
        if state["screen"] == "FingerCapture":
            return actor.place_finger(state, "officer")
        if not self.has_card_in:
            actor.bench.insert(self.card, reader=OFFICER_READER)
            self.has_card_in = True
            return True
        return False

    def take_card(self, actor: Actor) -> None:
        if self.has_card_in:
            actor.bench.remove(reader=OFFICER_READER)
            self.has_card_in = False


@dataclass
class Enroller:
    """An officer who registers a family: answers every question from the family's plan."""

    family: FamilyPlan
    officer: Officer
    duplicate: str = "different"
    members_told: int = 0
    shown_face: str | None = None
    decisions: int = 0
    has_blank: bool = False
    #: Fingers placed for each person, for the record.
    placed: dict[str, int] = field(default_factory=dict)

    def act(self, actor: Actor, state: State) -> bool:
        if self.officer.act(actor, state):
            return True
        handler = getattr(self, f"_on_{state['screen']}", None)
        return bool(handler is not None and handler(actor, state))

    @property
    def _now(self) -> PersonPlan:
        return self.family.members[min(self.members_told, len(self.family.members) - 1)]

    def _whose(self, state: State) -> PersonPlan:
        """The member whose name stands on the screen."""
        text = str(state.get("person") or state.get("question") or "")
        found = [m for m in self.family.members if m.local in text or m.latin in text]
        return found[0] if found else self.family.members[0]

    def _on_ConsentQuestion(self, actor: Actor, state: State) -> bool:
        # Whoever is asked sits down before the camera.
        whose = self._whose(state)
        if self.family.names(whose, str(state.get("person"))) and self.shown_face != whose.part:
            actor.bench.show_face(whose.part)
            self.shown_face = whose.part
            return True
        return actor.press(state, "yes")

    def _on_TextEntry(self, actor: Actor, state: State) -> bool:
        words = {
            "enrol.name_latin": self._now.latin,
            "enrol.name_local": self._now.local,
            "enrol.address_line": self.family.address_line,
        }
        return actor.type_and_go_on(state, words[str(state["question_key"])])

    def _on_BirthEntry(self, actor: Actor, state: State) -> bool:
        born = self._now.born
        if not (actor.once(state) and actor.touch(lambda: actor.pilot.birth(born))):
            return False
        if self.members_told == 0:
            self.members_told = 1
        return True

    def _on_Choice(self, actor: Actor, state: State) -> bool:
        key = str(state["question_key"])
        values = [str(value) for value in state["values"]] if isinstance(state["values"], list) else []
        if key == "enrol.sex":
            return actor.pick(state, self._now.sex)
        if key == "enrol.relationship":
            done = actor.pick(state, self._now.relationship)
            self.members_told += done
            return done
        if key in ("enrol.place", "enrol.place_in"):
            return actor.pick(state, self.family.place_among(values))
        return actor.pick(state, self._answer(state, key, values))

    def _answer(self, state: State, key: str, values: Sequence[str]) -> str:
        fact = self.family.fact(key, self._whose(state))
        if isinstance(fact, bool):
            fact = "yes" if fact else "no"
        return str(fact) if fact is not None and str(fact) in values else values[-1]

    def _on_NumberEntry(self, actor: Actor, state: State) -> bool:
        fact = self.family.fact(str(state["question_key"]), self._whose(state))
        number = fact if isinstance(fact, int) else 0
        return actor.once(state) and actor.touch(lambda: actor.pilot.number(number))

    def _on_MultiChoice(self, actor: Actor, state: State) -> bool:
        if not actor.once(state):
            return False
        values = state["values"] if isinstance(state["values"], list) else []
        for paper in self.family.papers:
            if paper in values:
                actor.pilot.pick(paper)
        return actor.touch(lambda: actor.pilot.press("done"))

    def _on_HouseholdRoster(self, actor: Actor, state: State) -> bool:
        if state["title_key"] == "enrol.review_title":
            return actor.press(state, "confirm")
        return actor.press(state, "add" if self.members_told < len(self.family.members) else "continue")

    def _on_PortraitCapture(self, actor: Actor, state: State) -> bool:
        whose = self._whose(state)
        if self.shown_face != whose.part:
            actor.bench.show_face(whose.part)
            self.shown_face = whose.part
            return True
        actions = state["actions"]
        is_offered = isinstance(actions, list) and any(a["id"] == "use" for a in actions)
        return is_offered and actor.press(state, "use")

    def _on_FingerCapture(self, actor: Actor, state: State) -> bool:
        whose = self.family.members[0] if state["title_key"] == "issue.finger_title" else self._whose(state)
        if int(str(state["position"])) not in whose.fingers:
            return actor.press(state, "cannot")
        if not actor.place_finger(state, whose.part):
            return False
        self.placed[whose.part] = self.placed.get(whose.part, 0) + 1
        return True

    def _on_DuplicateReview(self, actor: Actor, state: State) -> bool:
        done = actor.press(state, self.duplicate)
        self.decisions += done
        return done

    def _on_ScreeningResults(self, actor: Actor, state: State) -> bool:
        return actor.press(state, "apply")

    def _on_PictureView(self, actor: Actor, state: State) -> bool:
        return actor.press(state, "ok")

    def _on_Notice(self, actor: Actor, state: State) -> bool:
        if state["title_key"] == "issue.title" and state.get("mood") == "info" and not self.has_blank:
            actor.bench.insert("blank", reader=HOLDER_READER)
            self.has_blank = True
            return True
        return False


@dataclass
class Visitor:
    """Somebody with a card: places a finger, takes what is due, as the plan says."""

    person: str
    condition: str = "good"
    #: Which finger to lay instead of the one asked for; None: the one asked for.
    finger: int | None = None
    take: str | None = None
    placings: int = 0
    most_placings: int = 99
    officer: Officer | None = None
    face_is: str = "same"
    taken: bool = False

    def act(self, actor: Actor, state: State) -> bool:
        if self.officer is not None and self.officer.act(actor, state):
            return True
        match state["screen"]:
            case "FingerCapture" if state["title_key"] != "login.title":
                return self._place(actor, state)
            case "Entitlements" if self.take is not None and not self.taken:
                self.taken = actor.pick(state, self.take)
                return self.taken
            case "ConfirmDelivery":
                return actor.press(state, "confirm")
            case "FaceComparison" if state["has_frame"]:
                return actor.press(state, self.face_is)
            case "Choice" if state["question_key"] == "face.who_is_here":
                values = state["values"]
                return isinstance(values, list) and actor.pick(state, str(values[0]))
        return False

    def _place(self, actor: Actor, state: State) -> bool:
        if self.placings >= self.most_placings:
            return False
        done = actor.place_finger(state, self.person, self.condition, self.finger)
        self.placings += done
        return done
