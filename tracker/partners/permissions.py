"""Who asks a partner by a link, and who decides what their answer counts."""

from accounts.member import Member, only_today
from accounts.roles import Role
from tracker.actions import permissions
from tracker.actions.models import Action
from tracker.partners.models import PartnerLink, hash_of

LOOKS_AFTER = (Role.PROGRAMME_OFFICE, Role.HEAD_OF_SERVICE)


@only_today
def looks_after_partners(member: Member) -> bool:
    """Whether this person can look after any partner at all: the programme office and heads of service."""
    return member.holds(*LOOKS_AFTER)


@only_today
def looks_after(member: Member, action: Action) -> bool:
    """Make links for it and decide what comes back: the programme office, and the head of the service it is in."""
    return looks_after_partners(member) and permissions.works_on(member, action)


def link_behind(secret: str) -> PartnerLink | None:
    """Return the link at an address, whether or not it still works, or None for a wrong secret. One query."""
    links = PartnerLink.objects.filter(secret_hash=hash_of(secret)).with_ending()
    return links.select_related("authority", "agency", "made_by", "action__plan", "answer").first()
