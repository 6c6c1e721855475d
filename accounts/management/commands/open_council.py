from functools import partial

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug

from accounts import changes
from accounts.models import Authority
from accounts.roles import Role
from accounts.signing import invitations
from tracker.audit.chain import recorded
from tracker.dates import clock

REASON = "Opened on the command line by open_council"


class Command(BaseCommand):
    help = (
        "Adds a council, and invites the first person who looks after its people by an email; everybody else is "
        "invited on the page People."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="as in “Northbridge County Council”")
        parser.add_argument("slug", help="a short name for addresses and file names, as in northbridge")
        parser.add_argument("person", help="the full name of the first person")
        parser.add_argument("email")

    @recorded()
    def handle(self, *, name, slug, person, email, **options):
        try:
            validate_slug(slug)
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)} Nothing was added.") from None
        if Authority.objects.filter(name=name).exists() or Authority.objects.filter(slug=slug).exists():
            raise CommandError("There is a council of this name or short name already. Nothing was added.")
        council = changes.add_authority(name=name, slug=slug, by=None, reason=REASON)

        today = clock.today()
        letter = partial(invitations.letter, by=None, on=today)
        try:
            changes.invite(
                council, name=person, email=email, role=Role.ADMINISTRATOR, by=None, on=today, at=clock.now(),
                letter=letter,
            )  # fmt: skip
        except changes.AlreadyHere as refusal:
            raise CommandError(f"{refusal} Nothing was added.") from None
        self.stdout.write(f"{name} is added, and {person} is invited. The email goes out within a minute or two.")
