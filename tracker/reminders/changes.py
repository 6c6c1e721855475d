"""The only functions that write what people choose about emails, which addresses fail, and who tried again."""

from collections.abc import Collection, Iterable
from copy import copy
from datetime import date, datetime

from accounts.member import Member, members_of
from accounts.models import Authority, User
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.reminders import choosing
from tracker.reminders.models import AddressTrouble, Digest, JobRun, KindOff, Preference, Reminder, Retry
from tracker.reminders.permissions import may_cover
from tracker.reminders.preferences import Choices, edition_of
from tracker.reminders.rules import REQUIRED, Cadence, Kind

MOST_REFUSALS = 3


class ChangedSince(Exception):
    """The choices were changed, here or from an email, after this person was shown them."""

    def __init__(self, seen: int) -> None:
        super().__init__(
            "Your choices were changed in the meantime, perhaps from an email. Check what you chose and save again"
        )
        self.seen = seen


class NotAway(Exception):
    """A time away that is not whole; `problems` names each field and what to do."""

    def __init__(self, problems: Collection[tuple[str, str]]) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


class CannotCover(Exception):
    """Someone who may not be sent a person's reminders."""


class NotFailed(Exception):
    """There is nothing to try again."""


class AddressStopped(Exception):
    """The address is refused again and again, and trying again would change nothing."""


class NotStopped(Exception):
    """Emails go to the address already."""


# What people choose


@recorded()
def set_preferences(
    member: Member,
    *,
    wanted: Collection[str],
    weekly_day: int,
    hour: int,
    at_once: bool,
    late_is_weekly: bool,
    away_from: date | None,
    away_to: date | None,
    cover: User | None,
    seen: int,
    on: date,
) -> list[str]:
    """Set what a person chose about their emails in a council; return what is different now, in words.

    `wanted` are the optional kinds they want: the others of those they can choose from are off. `seen` is the
    edition of the choices they were shown. One history row for each kind switched, and one for all else.

    Raises ChangedSince, NotAway, CannotCover.
    """
    _lock(member.user)
    if (now := edition_of(member)) != seen:
        raise ChangedSince(now)
    if problems := choosing.why_not_away(away_from, away_to, has_cover=cover is not None, on=on):
        raise NotAway(problems)
    if cover is not None:
        _check_cover(member, cover, on=on)
    row = Preference.objects.of(member.authority).filter(user=member.user).first() or Preference(
        authority=member.authority, user=member.user
    )
    before = copy(row)
    row.weekly_day, row.hour, row.at_once, row.late_is_weekly = weekly_day, hour, at_once, late_is_weekly
    row.away_from, row.away_to, row.cover = away_from, away_to, cover
    different = _what_is_different(before, row)
    if different:
        save_because(row, by=member.user, reason=f"Chosen in the account: {'; '.join(different)}")
    offered = choosing.optional(choosing.choices(Cadence(), sees_plan=member.sees_plan))
    switched = {choice.kind: choice.kind in set(wanted) for choice in offered}
    turned = _switch(member.authority, member.user, switched, on=on, reason="Chosen in the account")
    return different + [f"{choosing.name_of(kind)}: {'on' if switched[kind] else 'off'}" for kind in turned]


@recorded()
def stop_kinds(authority: Authority, user: User, *, kinds: Collection[Kind], email_of: date, on: date) -> list[Kind]:
    """Switch off the optional kinds of an email, by its person with one click; return those that were still on.

    `email_of` is the day of the email. Kinds that cannot be off are left as they are.
    """
    _lock(user)
    reason = f"One-click stop in the email of {email_of:%-d %B %Y}"
    return _switch(authority, user, {kind: False for kind in kinds if kind not in REQUIRED}, on=on, reason=reason)


def _lock(user: User) -> None:
    """Hold the person, as a first choice has no row to hold."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _check_cover(member: Member, cover: User, *, on: date) -> None:
    covers = [one for one in members_of(cover, on=on) if one.authority == member.authority]
    if not covers or not may_cover(covers[0], member):
        raise CannotCover(f"{cover} cannot cover for you. Choose someone from the list")


def _switch(authority: Authority, user: User, to: dict[Kind, bool], *, on: date, reason: str) -> list[Kind]:
    choices = Choices.read({(authority.pk, user.pk)}, on=on)
    turned = [kind for kind, wants in to.items() if choices.wants(authority.pk, user.pk, kind) != wants]
    if not turned:
        return []
    preference = Preference.objects.of(authority).filter(user=user).first() or save_because(
        Preference(authority=authority, user=user), by=user, reason=reason
    )
    rows = {row.kind: row for row in KindOff.objects.filter(preference=preference)}
    for kind in turned:
        row = rows.get(kind) or KindOff(preference=preference, kind=kind)
        row.is_off = not to[kind]
        save_because(row, by=user, reason=reason)
    return turned


def _what_is_different(before: Preference, after: Preference) -> list[str]:
    found = []
    if before.hour != after.hour:
        found.append(f"emails from {choosing.hour_in_words(after.hour)}")
    if before.weekly_day != after.weekly_day:
        found.append(f"what is weekly on {choosing.DAYS[after.weekly_day]}")
    if before.at_once != after.at_once:
        found.append(f"decisions and new actions {'at once' if after.at_once else 'in the day’s email'}")
    if before.late_is_weekly != after.late_is_weekly:
        found.append(f"overdue actions {'once a week' if after.late_is_weekly else 'as they become later'}")
    if (before.away_from, before.away_to, before.cover_id) != (after.away_from, after.away_to, after.cover_id):
        found.append(
            f"{after.cover} gets a copy from {after.away_from:%-d %B %Y} to {after.away_to:%-d %B %Y}"
            if after.away_from and after.away_to
            else "nobody gets a copy"
        )
    return found


# Addresses


@recorded()
def note_refusals(refused: Iterable[tuple[int, str, str]], *, on: date) -> None:
    """Record addresses that a mail server refused for good: the person, the address and what the server said.

    Refusals of one day count once. From the third day on nothing more is sent to the address, until somebody
    tries it again or the person has another. The number of queries does not depend on the number of addresses.
    """
    said = {(user, address): error for user, address, error in refused}
    if not said:
        return
    known = _open_troubles(said)
    for pair, trouble in known.items():
        if trouble.last_on < on:
            trouble.refusals += 1
        trouble.last_on = max(trouble.last_on, on)
        trouble.last_error = said[pair]
        if trouble.stopped_on is None and trouble.refusals >= MOST_REFUSALS:
            trouble.stopped_on = on
    AddressTrouble.objects.bulk_update(known.values(), ["refusals", "last_on", "last_error", "stopped_on"])
    AddressTrouble.objects.bulk_create(
        (
            AddressTrouble(user_id=user, address=address, refusals=1, first_on=on, last_on=on, last_error=error)
            for (user, address), error in said.items()
            if (user, address) not in known
        ),
        ignore_conflicts=True,  # Another worker may have noted it in the same moment, and it is the same day.
    )


@recorded()
def note_accepted(accepted: Iterable[tuple[int, str]], *, on: date) -> None:
    """Record that a mail server took emails to these addresses: what was refused before is over. One query, mostly."""
    over = [trouble.pk for trouble in _open_troubles(set(accepted)).values()]
    if over:
        AddressTrouble.objects.filter(pk__in=over).update(cleared_on=on)


def _open_troubles(pairs: Collection[tuple[int, str]]) -> dict[tuple[int, str], AddressTrouble]:
    rows = (
        AddressTrouble.objects.select_for_update()
        .filter(user__in={user for user, _ in pairs}, cleared_on__isnull=True)
        .order_by("pk")
    )
    return {(row.user_id, row.address): row for row in rows if (row.user_id, row.address) in pairs}


@recorded()
def try_address_again(trouble: AddressTrouble, *, by: User, on: date) -> AddressTrouble:
    """Let emails go to an address again. The row stays, with who did it and when. Raises NotStopped."""
    trouble = AddressTrouble.objects.select_for_update().get(pk=trouble.pk)
    if trouble.cleared_on is not None or trouble.stopped_on is None:
        raise NotStopped(f"Emails go to {trouble.address} already. Nothing was changed.")
    trouble.cleared_on, trouble.cleared_by = on, by
    trouble.save()
    return trouble


# Jobs


def note_run(job: str, *, at: datetime, error: str = "") -> None:
    """Record the last good run of a job or, with an error, its last failed one. The other stays as it is."""
    run = {"last_failed_at": at, "last_error": error} if error else {"last_good_at": at}
    JobRun.objects.update_or_create(job=job, defaults=run)


# Emails that were not delivered


@recorded()
def retry(digest: Digest, *, by: User, reason: str, on: date, at: datetime) -> Digest:
    """Let a failed email go again, and record who asked, when and why.

    One of today goes as it is, under the same Message-ID. The day of an earlier one has passed: what it reminded of
    waits for the person's next email, less what is no longer owed by then.

    Raises NotFailed for one that is not failed any more, AddressStopped where nothing would go.
    """
    digest = Digest.objects.select_for_update(of=("self",)).select_related("recipient").get(pk=digest.pk)
    if digest.state != Digest.State.FAILED:
        raise NotFailed(f"This email is not failed any more. It says now: {digest.get_state_display().lower()}.")
    if AddressTrouble.objects.stopped().filter(user=digest.recipient, address=digest.recipient.email).exists():
        raise AddressStopped(
            f"Nothing is sent to {digest.recipient.email}, because it was refused on {MOST_REFUSALS} days. "
            "Correct the address, or try it again on the page of addresses, and then try this email again."
        )
    Retry.objects.create(digest=digest, by=by, at=at, reason=reason, was=digest.state)
    if digest.on == on:
        digest.state, digest.tries, digest.next_try_at, digest.opened_at = Digest.State.QUEUED, 0, None, at
    else:
        Reminder.objects.filter(digest=digest).update(digest=None)
        digest.state = Digest.State.SUPERSEDED
    digest.save()
    return digest
