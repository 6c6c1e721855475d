"""The councils whose people sign in with the account they have at work: OpenID Connect, such as Microsoft Entra ID.

Read from the setting COUNCIL_ACCOUNTS when the product starts; pure, so that settings can use it.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Issuers at which anybody in the world has an account: an address is no proof there of who somebody is.
FOR_EVERYBODY = {"common", "organizations", "consumers"}
NEEDED = ("council", "issuer", "client_id", "client_secret")


class NotUsable(ValueError):
    """The setting cannot be used; the message says what to correct."""


@dataclass(frozen=True)
class Connection:
    """How one council's people sign in with their work accounts.

    `council` is its short name (slug). `uid_claim` names the claim that never changes for a person: "oid" at Microsoft,
    "sub" elsewhere. `tenant` must be the claim "tid" of every token, where it is given. `only` lets those who work for
    the council in with nothing else.
    """

    council: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    uid_claim: str = "sub"
    tenant: str = ""
    only: bool = False


def read(text: str, *, is_production: bool) -> list[Connection]:
    """Return the connections of a JSON list of objects. Raises NotUsable for anything missing, unknown or unsafe."""
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise NotUsable(f"it is not JSON: {error}.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotUsable("it must be a list of objects, one for each council.")
    found = [_connection(row, is_production=is_production) for row in rows]
    if len({one.council for one in found}) < len(found):
        raise NotUsable("a council is named twice.")
    return found


def _connection(row: dict[str, Any], *, is_production: bool) -> Connection:
    fields = set(Connection.__dataclass_fields__)
    if unknown := sorted(set(row) - fields):
        raise NotUsable(f"“{unknown[0]}” is not known. It may hold {', '.join(sorted(fields))}.")
    for name in NEEDED:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise NotUsable(f"“{name}” is missing.")
    if not isinstance(row.get("only", False), bool):
        raise NotUsable("“only” must be true or false.")
    issuer = urlsplit(row["issuer"])
    if is_production and issuer.scheme != "https":
        raise NotUsable("“issuer” must begin with https://.")
    if FOR_EVERYBODY & set(issuer.path.strip("/").split("/")):
        raise NotUsable("“issuer” is open to everybody. Name the council's own tenant in it.")
    return Connection(**{"name": row["council"], **row, "issuer": row["issuer"].rstrip("/")})
