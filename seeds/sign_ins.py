"""Who can be signed in as after a demonstration was loaded: one person for each role."""

from accounts.models import User
from accounts.roles import Role
from seeds.loading import DEMO_PASSWORD
from seeds.rows import Council, Person


def one_for_each_role(council: Council) -> list[tuple[Role, Person]]:
    """Return a person for each role of a council, a different one where there is: who holds the fewest roles first."""
    chosen: list[tuple[Role, Person]] = []
    for role in Role:
        holders = [person for person in council.people if role in person.roles]
        taken = [person for _, person in chosen]
        holders.sort(key=lambda person: (person in taken, len(person.roles)))
        if holders:
            chosen.append((role, holders[0]))
    return chosen


def described(councils: list[Council]) -> str:
    """Return the sign-ins that work, to be printed: every role of the fullest council, then one person of each other.

    Says so when there are none, as in production.
    """
    fullest = max(councils, key=lambda council: len(council.actions))
    lines: list[str] = []
    for council in sorted(councils, key=lambda council: council is not fullest):
        people = one_for_each_role(council)
        found = [
            f"  {role.label:<28} {person.email:<44} {person.name or person.post}"
            for role, person in (people if council is fullest else people[:1])
            if _works(person.email)
        ]
        if found:
            lines += ["", council.authority.name, *found]
    if not lines:
        return "Nobody can sign in with the demonstration password."
    return "\n".join([f"Sign in with one of these, password {DEMO_PASSWORD}", *lines])


def _works(email: str) -> bool:
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    return user is not None and user.check_password(DEMO_PASSWORD)
