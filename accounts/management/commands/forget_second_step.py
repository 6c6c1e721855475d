from django.core.management import BaseCommand, CommandError

from accounts import changes
from accounts.models import User
from tracker.dates import clock


class Command(BaseCommand):
    help = (
        "For somebody who has lost phone, passkey and recovery codes: removes their second steps, so that they set one "
        "up again at the next sign-in. Make sure first that it is they who ask. They are told by email."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {email}.")
        count = changes.forget_second_steps(user, at=clock.now())
        if not count:
            raise CommandError(f"{user.name} has no second step. Nothing was changed.")
        self.stdout.write(f"{user.name} sets up a second step again at the next sign-in.")
