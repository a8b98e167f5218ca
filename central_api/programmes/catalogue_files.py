"""The sample catalogue: one JSON file for each programme, checked when it is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from domain.eligibility import Answer, Case, compile_rule
from domain.errors import ProjectError
from domain.programmes import Example, Programme, Unit

CATALOGUE = Path(__file__).parent / "catalogue"
#: With those of CATALOGUE, 45 schemes of nine departments: a whole country's, invented.
MORE = Path(__file__).parent / "catalogue_more"


class CatalogueRefused(ProjectError):
    """A programme's file is malformed, or its rule does not answer its own examples; ``file`` names it."""

    code = "programmes.catalogue_refused"
    message_key = "error.catalogue_refused"

    def __init__(self, text: str, file: str) -> None:
        super().__init__(f"{file}: {text}", file=file)


def load_catalogue(directory: Path = CATALOGUE) -> list[Programme]:
    """The programmes of the directory by scheme number. Raises CatalogueRefused; the rule of each is tried."""
    return _load_all(directory.name, sorted(directory.glob("*.json")))


def load_whole_catalogue() -> list[Programme]:
    """All 45 sample schemes, of social protection and of employment services. Raises CatalogueRefused."""
    return _load_all("all schemes", [*sorted(CATALOGUE.glob("*.json")), *sorted(MORE.glob("*.json"))])


def _load_all(where: str, files: Iterable[Path]) -> list[Programme]:
    programmes = [_load(file) for file in files]
    for name in ("code", "scheme"):
        values = [getattr(programme, name) for programme in programmes]
        if len(set(values)) != len(values):
            raise CatalogueRefused(f"two programmes have one {name}", where)
    return sorted(programmes, key=lambda programme: programme.scheme)


def _load(file: Path) -> Programme:
    try:
        programme = Programme.model_validate_json(file.read_bytes())
        wrong = [example for example in programme.examples if answer_example(programme, example) != example.expected]
    except (ValidationError, ProjectError) as error:
        raise CatalogueRefused("not a programme", file.name) from error
    if wrong:
        raise CatalogueRefused(f"{len(wrong)} examples come out otherwise", file.name)
    return programme


def answer_example(programme: Programme, example: Example) -> Answer:
    """What the rule says of the example's household, or of its first member where persons are served."""
    member = example.members[0] if programme.unit is Unit.PERSON else {}
    return compile_rule(programme.rule)(Case(example.household, member, example.members)).answer
