"""Every sentence that a flow may ask for is in the catalogue."""

from __future__ import annotations

import json
import re
from pathlib import Path

from biometrics.extraction.result import CaptureHint
from card_service.verdicts import CheckReason
from domain.deliveries import DeliveryKind
from domain.events import EventKind
from domain.grievances import GrievanceReason
from domain.messages.enrolment import FingerException
from domain.messages.local_check import NotChecked
from domain.people import Relationship, Sex
from domain.programmes import Programme
from domain.screening import Screener
from domain.verification import VerifiedBy
from enrolment.household_form import NameProblem, Questionnaire
from kiosk.devices.failure import DeviceName, FailureReason
from kiosk.i18n.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[3]
MADE_BY_RULE = {"verbatim", "by_language", "money", "quantity", "date", "joined"}
CATALOGUE = ROOT / "central_api" / "programmes" / "catalogue"


def test_every_fixed_key_has_an_english_sentence() -> None:
    known = load_catalogue("en")
    used: set[str] = set()
    for path in [*(ROOT / "kiosk" / "flows").glob("*.py"), *(ROOT / "enrolment").glob("*.py")]:
        used |= set(re.findall(r'(?<![\w.])t\(\s*"([a-z_.]+)"', path.read_text()))
    assert len(used) > 150
    assert sorted(used - known.keys() - MADE_BY_RULE) == []


def test_every_key_made_from_a_value_has_an_english_sentence() -> None:
    known = load_catalogue("en")
    keys = {f"device.{name}" for name in DeviceName} | {f"device.reason.{reason}" for reason in FailureReason}
    keys |= {reason.message_key for reason in CheckReason} | {hint.hint_key for hint in CaptureHint}
    keys |= {f"event.{kind}" for kind in EventKind} | {f"grievance.reason.{reason}" for reason in GrievanceReason}
    keys |= {f"local.why.{why}" for why in NotChecked if why is not NotChecked.NO_FINGERS}
    lacks = set(NotChecked) - {NotChecked.TIME_OVER, NotChecked.DEVICE_FAILED, NotChecked.NO_FINGERS}
    keys |= {f"gallery.lacks.{lack}" for lack in lacks}
    keys |= {f"finger_exception.{r}" for r in (FingerException.MISSING, FingerException.BANDAGED)}
    keys |= {f"relationship.{r}" for r in Relationship} | {f"sex.{sex}" for sex in Sex}
    keys |= {f"verified_by.{by.name.lower()}" for by in VerifiedBy} | {str(problem) for problem in NameProblem}
    assert sorted(keys - known.keys()) == []
    assert len(DeliveryKind) == 2


def test_every_question_paper_and_reason_of_the_catalogue_has_a_sentence() -> None:
    known = load_catalogue("en")
    programmes = [Programme.model_validate_json(path.read_text()) for path in sorted(CATALOGUE.glob("*.json"))]
    assert len(programmes) >= 10
    Screener(programmes)
    keys = {f"paper.{paper}" for paper in Questionnaire.papers(programmes)}
    keys |= {f"measure.{programme.measure}" for programme in programmes}
    for programme in programmes:
        for why in re.findall(r'"why": "([a-z_.]+)"', json.dumps(programme.rule)):
            keys |= {f"why.{why}.{answer}" for answer in ("yes", "no", "unknown")}
        for path in re.findall(r'"((?:household|member)\.[a-z_]+)"', json.dumps(programme.rule)):
            if path not in ("member.age", "member.sex"):
                keys.add(f"question.{path}")
    assert sorted(keys - known.keys()) == []
