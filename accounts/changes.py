"""The only functions that write councils, people, services, agencies and roles."""

from collections.abc import Callable
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession

from accounts.models import (
    Agency,
    Authority,
    CouncilPractice,
    Membership,
    Notice,
    OpenedPage,
    SecurityEvent,
    Service,
    SignIn,
    User,
    practices_of,
)
from accounts.roles import INVITED_UNTIL_A_DAY, Role
from tracker.audit.chain import recorded
from tracker.audit.history import save_because
from tracker.dates.clock import start_of_day
from tracker.dates.months import add_months


class OtherCouncil(Exception):
    """Something of one council was given to another."""


class MissingEnd(Exception):
    """Access for an inspector ends on a day."""


class MissingAgency(Exception):
    """A partner belongs to an agency."""


def add_authority(
    *,
    name: str,
    slug: str,
    by: User | None,
    reason: str,
    ons_code: str = "",
    dfe_code: str = "",
    ofsted_urn: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    note: str = "",
) -> Authority:
    """Add a council."""
    authority = Authority(
        name=name,
        slug=slug,
        ons_code=ons_code,
        dfe_code=dfe_code,
        ofsted_urn=ofsted_urn,
        contact_name=contact_name,
        contact_phone=contact_phone,
        note=note,
    )
    return save_because(authority, by=by, reason=reason)


def add_service(authority: Authority, *, name: str, by: User | None, reason: str) -> Service:
    """Add a service of a council; its head is named by `name_head`."""
    return save_because(Service(authority=authority, name=name), by=by, reason=reason)


@recorded()
def name_head(service: Service, *, head: User, by: User | None, reason: str) -> Service:
    """Name the head of a service."""
    service = Service.objects.select_for_update().get(pk=service.pk)
    service.head = head
    return save_because(service, by=by, reason=reason)


def add_agency(authority: Authority, *, name: str, kind: str, by: User | None, reason: str) -> Agency:
    """Add a partner agency of a council."""
    return save_because(Agency(authority=authority, name=name, kind=kind), by=by, reason=reason)


def add_person(
    *, email: str, name: str, by: User | None, reason: str, password: str | None = None, password_hash: str = ""
) -> User:
    """Add a person; without a password nobody can sign in as them. Roles are given by `give_role`.

    `password_hash` is a password hashed before, for many people who share one: hashing is slow on purpose.
    """
    user = User(email=User.objects.normalize_email(email), name=name)
    if password_hash:
        user.password = password_hash
    else:
        user.set_password(password)
    return save_because(user, by=by, reason=reason)


def give_role(
    user: User,
    authority: Authority,
    *,
    role: str,
    by: User | None,
    reason: str,
    post: str = "",
    phone: str = "",
    service: Service | None = None,
    agency: Agency | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Give a person a role in a council.

    Raises OtherCouncil for another council's service or agency, MissingAgency for a partner without
    one, MissingEnd for an inspector whose access has no last day.
    """
    for linked in (service, agency):
        if linked is not None and linked.authority_id != authority.pk:
            raise OtherCouncil(f"“{linked}” belongs to another council.")
    if role == Role.PARTNER and agency is None:
        raise MissingAgency("Choose the agency this person works for.")
    if role == Role.INSPECTOR and ends_on is None:
        raise MissingEnd("Enter the last day of the inspector's access.")
    membership = Membership(
        user=user,
        authority=authority,
        role=role,
        post=post,
        phone=phone,
        service=service,
        agency=agency,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return save_because(membership, by=by, reason=reason)


class AccessRefused(Exception):
    """An inspector cannot be given this access; `field` names what in the form is wrong."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@recorded()
def give_access(
    authority: Authority,
    *,
    email: str,
    name: str,
    starts_on: date,
    ends_on: date,
    only_plan: str = "",
    only_visit: str = "",
    by: User | None,
    on: date,
    at: datetime,
    letter: Callable[[Membership], str],
) -> Membership:
    """Give an inspector access from a day to a day, both counted, to all, one plan or one visit, and write to them.

    `letter` writes the text of the email, which has a link for somebody new. Who had access that has ended gets it
    again in the same row. Raises AccessRefused for days that make no sense, for someone who
    works in this council or has access already, and for someone who was switched off.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    _check_days(starts_on, ends_on, on=on)
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is not None:
        _check_person(user, authority, on=on)
    reason = f"Access for an inspector from {starts_on:%-d %B %Y} to {ends_on:%-d %B %Y}"
    if user is None:
        user = add_person(email=email.strip(), name=name.strip(), by=by, reason=reason)
    row = Membership.objects.select_for_update().filter(user=user, authority=authority, role=Role.INSPECTOR).first()
    row = row or Membership(user=user, authority=authority, role=Role.INSPECTOR)
    row.starts_on, row.ends_on, row.ended_at = starts_on, ends_on, None
    row.only_plan, row.only_visit = only_plan, only_visit
    save_because(row, by=by, reason=reason)
    write_invitation(row, letter=letter(row), at=at)
    return row


def write_invitation(membership: Membership, *, letter: str, at: datetime) -> Notice:
    """Leave the email that invites somebody to a council for the post, and note that they were invited."""
    user = membership.user
    note_event(SecurityEvent.Kind.INVITED, user=user, address=None, browser="", at=at)
    subject = f"{membership.authority.name} invites you to its improvement plan"
    return leave_notice(user, subject=subject, text=letter, at=at)


def _check_days(starts_on: date, ends_on: date, *, on: date) -> None:
    if ends_on < on:
        raise AccessRefused("ends_on", "Enter a last day that has not passed.")
    if ends_on < starts_on:
        raise AccessRefused("ends_on", "Enter a last day that is not before the first.")


def _check_person(user: User, authority: Authority, *, on: date) -> None:
    if not user.is_active:
        raise AccessRefused("email", f"{user} was switched off. An administrator must switch them on first.")
    held = Membership.objects.filter(user=user, authority=authority, ended_at__isnull=True)
    held = held.exclude(ends_on__lt=on)
    if held.exclude(role=Role.INSPECTOR).exists():
        raise AccessRefused("email", f"{user} works in this council. An inspector has no other role in it.")
    if held.exists():
        raise AccessRefused("email", f"{user} has access already. Change it in the list of inspectors.")


@recorded()
def change_access(
    membership: Membership,
    *,
    starts_on: date,
    ends_on: date,
    only_plan: str,
    only_visit: str,
    by: User,
    on: date,
    reason: str,
) -> Membership:
    """Change an inspector's days, and what they may see. Raises AccessRefused for days that make no sense."""
    row = Membership.objects.select_for_update().get(pk=membership.pk)
    if row.ended_at is not None:
        raise AccessRefused("ends_on", "This access has ended. Give them access again.")
    _check_days(starts_on, ends_on, on=on)
    row.starts_on, row.ends_on, row.only_plan, row.only_visit = starts_on, ends_on, only_plan, only_visit
    return save_because(row, by=by, reason=reason)


@recorded()
def end_access(membership: Membership, *, at: datetime, by: User, reason: str) -> Membership:
    """End an inspector's access at once. Raises AccessRefused when it has ended already."""
    row = Membership.objects.select_for_update().get(pk=membership.pk)
    if row.ended_at is not None:
        raise AccessRefused("reason", "This access has ended already.")
    row.ended_at = at
    return save_because(row, by=by, reason=reason)


@recorded()
def switch_off(user: User, *, by: User | None, reason: str) -> User:
    """Switch off a person who has left. Their name stays in the history."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = False
    return save_because(user, by=by, reason=reason)


def note_sign_in(user: User, *, at: datetime) -> SignIn:
    """Record that a person signed in."""
    return SignIn.objects.create(user=user, at=at)


def note_opened_page(
    authority: Authority, user: User, *, method: str, address: str, title: str, status: int, at: datetime
) -> OpenedPage:
    """Record a page that an inspector asked for. Characters that PostgreSQL cannot take are left out."""
    return OpenedPage.objects.create(
        authority=authority,
        user=user,
        at=at,
        method=method[:10],
        address=address.replace("\x00", ""),
        title=title.replace("\x00", "")[:300],
        status=status,
    )


def forget_opened_pages(*, on: date) -> int:
    """Remove the records of opened pages that each council keeps no longer, by whole months; return how many."""
    forgotten = 0
    for authority in Authority.objects.filter(opened_pages__isnull=False).distinct():
        first_kept = add_months(on.replace(day=1), -practices_of(authority)["opened_pages"].value)
        forgotten += OpenedPage.objects.of(authority).filter(at__lt=start_of_day(first_kept)).delete()[0]
    return forgotten


@recorded()
def set_password(user: User, *, password: str, by: User | None, reason: str) -> User:
    """Give a person a password. Whether it is good enough is asked before, by the form."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_password(password)
    return save_because(user, by=by, reason=reason)


def note_event(kind: str, *, user: User | None, address: str | None, browser: str, at: datetime) -> SecurityEvent:
    """Record what happened at the door, to whom, from which address of the network and by which browser."""
    return SecurityEvent.objects.create(kind=kind, user=user, address=address, browser=browser[:200], at=at)


def leave_notice(user: User, *, subject: str, text: str, at: datetime) -> Notice:
    """Leave an email about someone's account for the post, which looks each minute."""
    return Notice.objects.create(user=user, subject=subject, text=text, written_at=at)


class AlreadyHere(Exception):
    """The person holds this role in this council already."""


@recorded()
def invite(
    authority: Authority,
    *,
    name: str,
    email: str,
    role: str,
    by: User | None,
    on: date,
    at: datetime,
    letter: Callable[[Membership], str],
    agency: Agency | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Give someone a role in a council and write to them; a person who is new is added without a password.

    An inspector is given access to everything from that day on, as by `give_access`. `letter` writes the text of the
    email, which has a link for somebody new. Someone who belongs to another council already keeps their name and
    password. Raises MissingEnd for a partner or inspector without a last day, or one that has passed, AlreadyHere for
    a role that is held, MissingAgency and OtherCouncil as `give_role`, AccessRefused as `give_access`.
    """
    if role in INVITED_UNTIL_A_DAY and ends_on is None:
        raise MissingEnd("Enter the last day of access: partners and inspectors are let in until a day.")
    if ends_on is not None and ends_on < on:
        raise MissingEnd("Enter a last day of access that is today or later.")
    if role == Role.INSPECTOR and ends_on is not None:
        return give_access(
            authority, email=email, name=name, starts_on=on, ends_on=ends_on, by=by, on=on, at=at, letter=letter
        )
    reason = f"Invited as {Role(role).label}"
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = add_person(email=email, name=name, by=by, reason=reason)
    elif not user.is_active:
        raise AlreadyHere("This address cannot be invited. Ask the administrator of the installation why.")
    elif Membership.objects.filter(user=user, authority=authority, role=role).exists():
        raise AlreadyHere(f"{user.name} holds this role already. Choose another role, or go back.")
    membership = give_role(user, authority, role=role, agency=agency, ends_on=ends_on, by=by, reason=reason)
    write_invitation(membership, letter=letter(membership), at=at)
    return membership


def link_council_account(account: SocialAccount, *, user: User) -> SocialAccount:
    """Remember which work account is whose: from then on it is known by its number, and not by its address."""
    account.user = user
    account.save()
    return account


@recorded()
def forget_second_steps(user: User, *, at: datetime) -> int:
    """Remove a person's second steps and recovery codes, and write to them; return how many there were."""
    count, _ = Authenticator.objects.filter(user=user).delete()
    if count:
        note_event(SecurityEvent.Kind.STEP_REMOVED, user=user, address=None, browser="", at=at)
        text = f"Hello {user.get_short_name()}\n\nYour second step for the improvement plan was removed, because you, \
we hope, said that you had lost it. Set up a new one when you sign in next. If it was not you, say so at once.\n"
        leave_notice(user, subject="Your second step was removed", text=text, at=at)
    return count


def end_session(session: UserSession) -> None:
    """End a session of a person at once, in whatever browser it is."""
    session.end()


class OutOfRange(Exception):
    """A number that a council cannot work by."""


class SameNumber(Exception):
    """The number and its source are what they were."""


@recorded()
def set_practice(
    authority: Authority, *, code: str, value: int, source: str, by: User | None, reason: str
) -> CouncilPractice:
    """Set a number that the council works by, with where it comes from. Clocks that run keep their length.

    Raises OutOfRange for a number too small or too large, also beside another that it belongs to, KeyError for no
    such number, SameNumber when nothing is different.
    """
    Authority.objects.select_for_update().get(pk=authority.pk)
    practices = practices_of(authority)
    if words := practices.why_not(code, value):
        raise OutOfRange(words)
    if practices[code].is_own and (practices[code].value, practices[code].source) == (value, source):
        raise SameNumber("This is the number already, from the same source. Change one of them, or go back.")
    row = CouncilPractice.objects.filter(authority=authority, code=code).first() or CouncilPractice(
        authority=authority, code=code
    )
    row.value, row.source = value, source
    return save_because(row, by=by, reason=reason)
