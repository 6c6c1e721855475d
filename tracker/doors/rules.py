"""How often is too often, and who is counted as one. Pure."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """At most `number` in each stretch of `minutes`."""

    name: str
    number: int
    minutes: int

    def began(self, at: datetime) -> datetime:
        """Return when the stretch that a moment is in began."""
        return at - timedelta(minutes=at.minute % self.minutes, seconds=at.second, microseconds=at.microsecond)

    def seconds_left(self, at: datetime) -> int:
        """Return in how many seconds the next stretch begins, 1 at least."""
        return max(1, round((self.began(at) + timedelta(minutes=self.minutes) - at).total_seconds()))


# One link or calendar: a program that fetches it every few seconds is at fault, whoever shares the address with it.
OF_A_LINK = Limit("link", number=60, minutes=10)
# A whole council may stand behind one address, so all its right links go on working past the second limit.
OF_AN_ADDRESS = Limit("address", number=600, minutes=1)
WRONG_OF_AN_ADDRESS = Limit("wrong", number=30, minutes=10)


def one_place(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 network that one IPv6 line is given."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
