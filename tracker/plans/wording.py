"""Where a plan stands, in the words of the pages. Pure."""

from collections.abc import Collection, Sequence

from tracker.govuk.templatetags.govuk import and_list
from tracker.plans.rules import DFE, OFSTED, PUBLISHED, SentVersion, Standing, last_returned

STEP_WORDS = {OFSTED: "sent to Ofsted", DFE: "sent to DfE", PUBLISHED: "published"}


def done_words(version: SentVersion) -> str:
    """Return "sent to Ofsted on 1 May 2026 and published on 5 May 2026"."""
    return and_list(
        f"{words} on {version.steps[step]:%-d %B %Y}" for step, words in STEP_WORDS.items() if step in version.steps
    )


def missing_words(steps: Collection[str]) -> str:
    """Return "sent to DfE or published" for steps that are still to be done, in their order."""
    words = [words for step, words in STEP_WORDS.items() if step in steps]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def standing_words(standing: Standing, versions: Sequence[SentVersion]) -> str:
    """Return where a plan stands in a sentence or two."""
    if not versions:
        return "The plan is being drafted. No version has been frozen to be sent."
    latest = versions[-1]
    name = f"Version {latest.number}"
    match standing:
        case Standing.READY:
            return f"{name} is frozen and ready to send. It is not yet {missing_words(latest.missing)}."
        case Standing.IN_PART:
            return f"{name} was {done_words(latest)}. It is not yet {missing_words(latest.missing)}."
        case Standing.SENT:
            return f"{name} was {done_words(latest)}. Ofsted has not replied yet."
        case Standing.SENT_AGAIN:
            return f"Sent again. {name} was {done_words(latest)}. Ofsted has not replied yet."
        case Standing.ACCEPTED:
            day = f"{latest.replied_on:%-d %B %Y}"
            return f"Accepted. Ofsted replied on {day} that version {latest.number} reflects the findings."
    returned = last_returned(versions)
    assert returned is not None  # noqa: S101  Only a plan with such a reply is returned.
    by = f" by {returned.respond_by:%A %-d %B %Y}, the date Ofsted gives" if returned.respond_by else ""
    words = (
        f"Returned. Ofsted replied on {returned.replied_on:%-d %B %Y} that version {returned.number} does not reflect "
        f"the findings. Send the next version{by}."
    )
    if latest.number > returned.number:
        words += f" Version {latest.number} is frozen and has not gone to Ofsted yet."
    return words
