"""What the tests of pages read out of an answer."""

import re
from html import unescape
from uuid import uuid4

from django.contrib.messages import get_messages

from tracker.actions.models import Action


def text_of(answer) -> str:
    """The words of a page without its tags, white space made single."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def errors_of(answer) -> dict[str, list[str]]:
    """The errors of the form of a page, by field."""
    return {field: [str(error) for error in errors] for field, errors in answer.context["form"].errors.items()}


def messages_of(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def page_of(action: Action, form: str = "") -> str:
    """The address of an action, or of one of its forms: "update"."""
    return action.get_absolute_url() + (f"{form}/" if form else "")


def update_fields(action: Action, **changed) -> dict[str, object]:
    """What the update form of an action posts, as its page gave it out now."""
    newest = action.updates.order_by("-pk").values_list("pk", flat=True).first()
    fields = {
        "rating": "at_risk",
        "narrative": "Two more screeners have started.",
        "action": action.pk,
        "seen": newest or "",
        "form_key": str(uuid4()),
        **changed,
    }
    return {key: value for key, value in fields.items() if value is not None}


def date_boxes(name: str, day) -> dict[str, object]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
