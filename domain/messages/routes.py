"""Where the registry answers which message: the paths that kiosk and registry share."""

from __future__ import annotations

#: POST KioskRegistration (unsigned, one-time code) -> KioskRegistrationAnswer.
KIOSK_REGISTRATION = "/v1/kiosks/registration"
#: GET -> SignedBundle.
BUNDLE = "/v1/bundle"

#: POST PushRequest -> SignedPushReceipt.
SYNC_PUSH = "/v1/sync/push"
#: GET with ``after=<cursor>`` -> PullAnswer.
SYNC_PULL = "/v1/sync/pull"

#: GET -> EnrolmentState.
ENROLMENT = "/v1/enrolments/{submission_id}"
#: GET with ``purpose=issue_card|serve|decide_duplicate|screen`` -> domain.people.Household.
HOUSEHOLD = "/v1/households/{household_id}"

#: GET with ``purpose=…`` as above -> domain.messages.fingers.FingersExcepted.
FINGER_EXCEPTIONS = "/v1/persons/{person_id}/finger-exceptions"
#: GET with ``purpose=check_exception`` -> domain.messages.fingers.HandsPhotographed.
HAND_PHOTO = "/v1/persons/{person_id}/hand-photos/{capture_id}"

#: POST CardOrderRequest -> CardPackage.
CARD_ORDERS = "/v1/cards/orders"
#: POST ActivationRequest -> ActivationGrant.
CARD_ACTIVATIONS = "/v1/cards/activations"
#: POST ActivationProof -> CardState.
CARD_ACTIVATION_PROOFS = "/v1/cards/activation-proofs"
#: GET -> CardState.
CARD = "/v1/cards/{card_number}"

#: POST HolderSearch -> HolderSearchAnswer.
HOLDER_SEARCH = "/v1/cards/holder-search"
#: POST ShareRequest -> StatementOffer for the first card.
CARD_SHARES = "/v1/cards/shares"
#: POST HouseholdSplit -> HouseholdSplit, done; the same again changes nothing.
HOUSEHOLD_SPLITS = "/v1/cards/household-splits"
#: GET with ``after=<cursor>`` -> OfficeStatements.
OFFICE_STATEMENTS = "/v1/cards/statements"
#: GET with ``held=<version>`` -> StatementOffer.
CARD_STATEMENT = "/v1/cards/{card_number}/statement"

#: GET -> list of domain.programmes.Programme (unsigned: the catalogue is public).
PROGRAMMES = "/v1/programmes"

#: GET -> AuditVerification (unsigned; only on the registry's own machine).
AUDIT_VERIFICATION = "/v1/audit/verification"
#: GET -> ``{"status": "ok"}`` (unsigned).
HEALTH = "/healthz"
