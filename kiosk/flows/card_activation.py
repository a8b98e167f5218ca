"""The last steps of issuing: an officer signs, the registry grants, the card proves, the registry says ACTIVE."""

from __future__ import annotations

from card_service.activation import write_activation
from card_service.authentic_card import authenticate_card
from card_service.connection import CardConnection
from card_service.countersigned import activation_hash
from card_service.ledger import DeliveryProof, encode_record
from card_service.officer_card import countersign
from card_service.session import CardSession
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.errors import ProjectError
from domain.ids import OperatorId
from domain.messages.cards import ActivationProof, ActivationRequest
from domain.verification import VerifiedBy
from kiosk.flows.card_steps import keep, members_of
from kiosk.flows.officer_quota import note_signature
from kiosk.flows.workplace import Officer, Workplace
from kiosk.registry_client import RegistryUnreachable
from kiosk.store.card_job import CardJob, CardJobStep


class CardNotActive(ProjectError):
    """The registry took the proof and does not say ACTIVE; the card must not be handed out."""

    code = "card.not_activated"
    message_key = "issue.not_active"


async def sign_for(work: Workplace, job: CardJob, officer: Officer, card: VerifiedCard) -> CardJob:
    """The officer's card signs for the read-back digest."""
    hash32, credential = _hash_to_sign(job), work.credential
    signature = await work.officer_reader.proceed(lambda: countersign(card, credential, hash32))
    note_signature(work, officer.card_number)
    return _signed(work, job, officer.operator_id, officer.card_number, signature)


async def sign_for_itself(work: Workplace, job: CardJob) -> CardJob:
    """The very first officer has nobody above: the new card signs for itself, once in the registry's life."""
    assert job.package is not None, "only a card with a number is countersigned"
    assert job.holder.operator_id is not None, "only an officer's card signs for itself"
    hash32, credential, can = _hash_to_sign(job), work.credential, job.package.can
    anchors, today = work.store.bundles.anchors, work.store.clock.today()

    def sign(connection: CardConnection) -> bytes:
        card = authenticate_card(CardSession(connection), anchors, on=today, can=can)
        return countersign(card, credential, hash32)

    signature = await work.holder_reader.run(sign)
    return _signed(work, job, job.holder.operator_id, job.package.card_number, signature)


def _hash_to_sign(job: CardJob) -> bytes:
    assert job.card_number is not None, "only a card with a number is countersigned"
    return activation_hash(job.card_number, bytes.fromhex(job.readback_digest_hex or ""))


def _signed(
    work: Workplace, job: CardJob, operator_id: OperatorId, officer_card: CardNumber, signature: bytes
) -> CardJob:
    return keep(
        work,
        job.at(
            CardJobStep.COUNTERSIGNED,
            operator_id=operator_id,
            officer_card_number=officer_card,
            countersignature_hex=signature.hex(),
        ),
    )


async def ask_grant(work: Workplace, job: CardJob) -> CardJob:
    """The first entitlement statement, against all proofs so far.

    Raises RegistryUnreachable as long as anything recorded before has not arrived: a statement made without the
    programmes that the household has just chosen would grant nothing.
    """
    await _send_what_came_before(work)
    request = ActivationRequest.model_validate(
        {
            "order_id": job.order_id,
            "card_number": job.card_number,
            "readback_digest_hex": job.readback_digest_hex,
            "holder_person_id": job.holder_person_id,
            "holder_verified_by": job.holder_verified_by,
            "operator_id": job.operator_id,
            "officer_card_number": job.officer_card_number,
            "countersignature_hex": job.countersignature_hex,
        }
    )
    return keep(work, job.at(CardJobStep.GRANTED, grant=await work.registry.activate_card(request)))


async def _send_what_came_before(work: Workplace) -> None:
    if work.store.outbox.count_waiting():
        await work.sync.sync_now()
    if work.store.outbox.count_waiting():
        raise RegistryUnreachable("what was recorded before has not arrived")


async def activate_on_card(work: Workplace, job: CardJob) -> CardJob:
    """Statement and ledger record 1 on the card, and its receipt in our hands."""
    assert job.grant is not None, "a job in step GRANTED has its grant"
    assert job.package is not None, "and its package"
    slot, can, anchors = job.grant.entitlement_slot, job.package.can, work.store.bundles.anchors
    credential, today = work.credential, work.store.clock.today()
    verified_by, member = job.holder_verified_by or VerifiedBy.FINGER, _member_index(job)

    def activate(connection: CardConnection) -> DeliveryProof:
        return write_activation(
            connection, anchors, credential, slot, on=today, verified_by=verified_by, member_index=member, can=can
        )

    written = await work.holder_reader.run(activate)
    proof = ActivationProof(
        order_id=job.order_id,
        card_number=job.package.card_number,
        ledger_record_hex=encode_record(written.record).hex(),
        receipt_hex=written.receipt.hex(),
    )
    return keep(work, job.at(CardJobStep.PROVED, proof=proof))


async def report_active(work: Workplace, job: CardJob) -> CardJob:
    """The registry's ACTIVE: now, and only now, the card may be handed out."""
    assert job.proof is not None, "a job in step PROVED has its proof"
    state = await work.registry.prove_activation(job.proof)
    if state.status is not CardStatus.ACTIVE:
        raise CardNotActive(f"the registry says {state.status}")
    return keep(work, job.at(CardJobStep.ACTIVE))


def _member_index(job: CardJob) -> int:
    return next((row.index for row, _ in members_of(job) if row.person_id == job.holder_person_id), 1)
