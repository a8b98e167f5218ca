"""What happened when: each step of the day with its seconds, pictures and proof, as JSON and as a page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from domain.errors import ProjectError


class StepDidNotHold(ProjectError):
    """Something that the day promises was not so."""

    code = "demo.step_did_not_hold"
    message_key = "error.step_did_not_hold"


@dataclass
class Shot:
    file: str
    caption: str


@dataclass
class Step:
    number: int
    title: str
    began_s: float
    seconds: float = 0.0
    held: bool = False
    problem: str = ""
    facts: list[str] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)

    def expect(self, is_so: bool, fact: str) -> None:
        """Note a fact that the step proves; raises StepDidNotHold when it is not so."""
        if not is_so:
            raise StepDidNotHold(f"not so: {fact}")
        self.facts.append(fact)


class Timeline:
    """Collects the steps. A step that fails is noted and the day goes on where it can."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._began = time.monotonic()
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        step = Step(len(self.steps) + 1, title, round(time.monotonic() - self._began, 2))
        self.steps.append(step)
        print(f"  {step.number:2d}. {title} … ", end="", flush=True)  # noqa: T201 - progress for a person
        try:
            yield step
            step.held = True
        except ProjectError as error:
            step.problem = f"{error.code}: {error}"
        finally:
            step.seconds = round(time.monotonic() - self._began - step.began_s, 2)
            mark = "held" if step.held else f"FAILED: {step.problem}"
            print(f"{mark} ({step.seconds:.1f} s)", flush=True)  # noqa: T201

    @property
    def failed(self) -> int:
        return sum(not step.held for step in self.steps)

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 1)

    def summary(self) -> str:
        """The one line of JSON that the demo prints last."""
        return json.dumps({"steps": len(self.steps), "failed": self.failed, "seconds": self.seconds})

    def write(self) -> None:
        """Leave ``timeline.json`` and ``index.html`` in the directory."""
        plain = {"seconds": self.seconds, "failed": self.failed, "steps": [asdict(step) for step in self.steps]}
        (self._directory / "timeline.json").write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
        environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape())
        page = environment.get_template("timeline.html").render(timeline=plain)
        (self._directory / "index.html").write_text(page)
