"""Links and answers of partners, made through `changes` as the product makes them."""

from datetime import date
from typing import Any

from django.urls import reverse

from tests import factories
from tests.factories import NOW, TODAY
from tracker.actions.models import Action
from tracker.partners import changes
from tracker.partners.models import PartnerAnswer, PartnerLink

UPDATE = {"rating": "at_risk", "narrative": "Two officers have started."}
EVIDENCE = {"evidence_title": "Duty rota, May", "evidence_location": "Police SharePoint: Duty, May"}
NEW_DATE = {
    "new_date": date(2026, 8, 14),
    "reason_kind": "partner",
    "reason": "Vetting takes six weeks.",
    "effect_on_children": "None: cover is in place.",
    "done_to_avoid": "Asked for it to be quicker.",
}


def make_partner_action(council, **fields: Any) -> Action:
    """An action of Northbridge Police, in the service that Marcus heads, owned by Priya unless told otherwise."""
    values = {
        "title": "Send notifications within the hour",
        "agency": factories.make_agency(council),
        "service": factories.make_service(council),
        **fields,
    }
    return factories.make_action(council, **values)


def make_link(action: Action, *, by=None, **fields: Any) -> tuple[PartnerLink, str]:
    """A link for Sgt Jo Hall, made by Aisha; with its secret."""
    values = {"person_name": "Sgt Jo Hall", "at": NOW, **fields}
    return changes.make_link(action, by=by or factories.aisha(action.authority).user, **values)


def make_answer(link: PartnerLink, kind: str = "update", **said: Any) -> PartnerAnswer:
    values = {"update": UPDATE, "evidence": EVIDENCE, "new_date": NEW_DATE}[kind]
    return changes.answer(link, kind=kind, at=NOW, on=TODAY, **values | said)


def page_of(secret: str, form: str = "") -> str:
    return reverse(f"partners:give-{form}" if form else "partners:link", args=[secret])
