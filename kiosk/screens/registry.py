"""Which body draws which model."""

from __future__ import annotations

from kiosk.screen_models.base import Screen
from kiosk.screens.attract import AttractBody
from kiosk.screens.birth_entry import BirthEntryBody
from kiosk.screens.body import Body
from kiosk.screens.choice import ChoiceBody
from kiosk.screens.confirm_delivery import ConfirmDeliveryBody
from kiosk.screens.consent_question import ConsentQuestionBody
from kiosk.screens.device_health import DeviceHealthBody
from kiosk.screens.duplicate_review import DuplicateReviewBody
from kiosk.screens.entitlements import EntitlementsBody
from kiosk.screens.face_comparison import FaceComparisonBody
from kiosk.screens.finger_capture import FingerCaptureBody
from kiosk.screens.household_roster import HouseholdRosterBody
from kiosk.screens.multi_choice import MultiChoiceBody
from kiosk.screens.notice import NoticeBody
from kiosk.screens.number_entry import NumberEntryBody
from kiosk.screens.officer_home import OfficerHomeBody
from kiosk.screens.outbox_view import OutboxViewBody
from kiosk.screens.paper_scan import PaperScanBody
from kiosk.screens.picture_view import PictureViewBody
from kiosk.screens.pin_entry import PinEntryBody
from kiosk.screens.portrait_capture import PortraitCaptureBody
from kiosk.screens.screening_results import ScreeningResultsBody
from kiosk.screens.steps import StepsBody
from kiosk.screens.text_entry import TextEntryBody

_BODIES = (
    AttractBody,
    BirthEntryBody,
    ChoiceBody,
    ConfirmDeliveryBody,
    ConsentQuestionBody,
    DeviceHealthBody,
    DuplicateReviewBody,
    EntitlementsBody,
    FaceComparisonBody,
    FingerCaptureBody,
    HouseholdRosterBody,
    MultiChoiceBody,
    NoticeBody,
    NumberEntryBody,
    OfficerHomeBody,
    OutboxViewBody,
    PaperScanBody,
    PictureViewBody,
    PinEntryBody,
    PortraitCaptureBody,
    ScreeningResultsBody,
    StepsBody,
    TextEntryBody,
)
BODY_OF: dict[type[Screen], type[Body[Screen]]] = {body.shows: body for body in _BODIES}  # type: ignore[misc]


def body_for(model: Screen) -> type[Body[Screen]]:
    """The class that draws the model; every screen model has one, by test."""
    return BODY_OF[type(model)]
