from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Authority, User
from seeds import loading, marking, reading, sign_ins
from seeds.rows import Council
from tracker.audit import ways
from tracker.audit.chain import recorded
from tracker.audit.ways import Door
from tracker.dates import clock
from tracker.dates.models import calendar

FOLDER = Path(__file__).resolve().parents[2]


class Command(BaseCommand):
    help = (
        "Load a made-up council dated around today (demo), or five real councils from the public record (record). "
        "Everything is checked first: a broken file is named with its line, and nothing is loaded."
    )

    def add_arguments(self, parser):
        parser.add_argument("what", choices=["demo", "record"])
        parser.add_argument("--directory", type=Path, help="Read the .yaml files of this folder instead.")
        parser.add_argument("--marked", action="store_true", help="Put marker words into every free text.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--if-empty", action="store_true", help="Do nothing if a council is there already.")
        how.add_argument("--show-sign-ins", action="store_true", help="Load nothing; say who can be signed in as.")

    def handle(self, *, what, directory, marked, if_empty, show_sign_ins, **options):
        is_demo = what == "demo"
        if is_demo and settings.IS_PRODUCTION:
            raise CommandError("The demonstration is not for production: its password is known to everybody.")
        if if_empty and Authority.objects.exists():
            self.stdout.write("There is a council already, so nothing was loaded.")
            return
        councils = self._read(directory or FOLDER / what, fictional=is_demo)
        if show_sign_ins:
            self.stdout.write(sign_ins.described(councils))
            return
        if marked:
            for council in councils:
                marking.mark(council)
        with ways.through(Door.SEED, f"seed {what}"):
            self._load(councils, is_demo=is_demo)
        self.stdout.write(f"Loaded {_and([_described(council) for council in councils])}.")
        if not settings.IS_PRODUCTION:
            self.stdout.write(f"Who can be signed in as: manage.py seed {what} --show-sign-ins")

    def _read(self, directory: Path, *, fictional: bool) -> list[Council]:
        try:
            return reading.read(directory, fictional=fictional, today=clock.today(), calendar=calendar())
        except reading.SeedFileError as error:
            raise CommandError(f"{error} Nothing was loaded.") from error

    @recorded()
    def _load(self, councils: list[Council], *, is_demo: bool) -> None:
        self._refuse_what_is_there(councils, is_demo=is_demo)
        password = None if settings.IS_PRODUCTION else loading.DEMO_PASSWORD
        try:
            loading.load(councils, now=clock.now(), calendar=calendar(), password=password)
        except reading.SeedFileError as error:
            raise CommandError(f"{error} Nothing was loaded.") from error

    def _refuse_what_is_there(self, councils: list[Council], *, is_demo: bool) -> None:
        if is_demo and (Authority.objects.exists() or User.objects.exists()):
            raise CommandError(
                "This database holds councils or people already, and the demonstration is loaded into an empty one "
                "only. Name another one in DATABASE_URL."
            )
        slugs = [council.authority.slug for council in councils]
        there = Authority.objects.filter(slug__in=slugs).order_by("name").values_list("name", flat=True)
        if there:
            raise CommandError(f"Here already: {_and(list(there))}. Nothing was loaded.")


def _described(council: Council) -> str:
    name = council.authority.name
    return f"{name} ({len(council.actions)} actions)" if council.actions else name


def _and(parts: list[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
