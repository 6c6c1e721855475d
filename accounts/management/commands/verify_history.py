import json
import re
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Authority
from tracker.audit import proving
from tracker.audit.models import INSTALLATION

HEAD = re.compile(r"(?P<council>[a-z0-9-]+):(?P<link>\d+):(?P<head>[0-9a-f]{64})")
WHOLE_INSTALLATION = "installation"  # The chain of what belongs to no council.


class Command(BaseCommand):
    help = (
        "Prove the history: find any history row that was edited, removed, put in or put elsewhere, and any row that "
        "was changed without one. Names the first. Ends with 1 when something is wrong. Writes nothing."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--council", metavar="SLUG", help="Look at one council's history only.")
        parser.add_argument(
            "--head",
            metavar="SLUG:LINK:HEAD",
            action="append",
            default=[],
            help="A head from an email or an export: is it still that of its link? May be given several times.",
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *, council: str | None, head: list[str], json: bool, **options: Any) -> None:
        keys = dict(Authority.objects.order_by("slug").values_list("slug", "pk")) | {WHOLE_INSTALLATION: INSTALLATION}
        names = {key: slug for slug, key in keys.items()}
        proof = proving.verify(None if council is None else _key(keys, council))
        for given in head:
            _compare(given, keys, proof)
        if json:
            self.stdout.write(_as_json(proof, names))
        else:
            self._say(proof, names)
        if proof.number_of_faults:
            raise SystemExit(1)

    def _say(self, proof: proving.Proof, names: dict[int, str]) -> None:
        looked = (
            f"{proof.rows:,} history rows in {proof.links:,} links, {proof.tables:,} tables and {proof.anchors:,} "
            "recorded heads"
        )
        before = f" {proof.taken_over:,} of the rows were taken over, and are proved from then on." * bool(
            proof.taken_over
        )
        if not proof.number_of_faults:
            self.stdout.write(f"All is as it was written: {looked}.{before}")
            return
        first = proof.faults[0]
        self.stdout.write(f"The history is not as it was written. The first fault of {proof.number_of_faults:,}:")
        self.stdout.write(f"  {names.get(first.council, f'council {first.council}')}: {first.words}")
        for fault in proof.faults[1:]:
            self.stdout.write(f"  then {names.get(fault.council, f'council {fault.council}')}: {fault.words}")
        self.stdout.write(f"Looked at {looked}.{before}")


def _key(keys: dict[str, int], slug: str) -> int:
    if slug not in keys:
        raise CommandError(f"There is no council “{slug}”. There are: {', '.join(keys)}.")
    return keys[slug]


def _compare(given: str, keys: dict[str, int], proof: proving.Proof) -> None:
    found = HEAD.fullmatch(given)
    if found is None:
        raise CommandError(f"“{given}” is not a head. Copy all of it, as in northbridge:123:4f0c… with 64 characters.")
    council, link = _key(keys, found["council"]), int(found["link"])
    proof.anchors += 1
    if proving.head_at(council, link) != found["head"]:
        proof.blame(
            f"The head {given} is not that of link {link}: the history before it was rewritten, or the head is of "
            "another installation.",
            council=council,
            link=link,
        )


def _as_json(proof: proving.Proof, names: dict[int, str]) -> str:
    told = asdict(proof)
    told["faults"] = [
        fault | {"council": names.get(fault["council"], str(fault["council"]))} for fault in told["faults"]
    ]
    return json.dumps({"is_proved": not proof.number_of_faults} | told, ensure_ascii=False)
