"""What in a text may identify a child. Pure; it asks people to look again and decides nothing."""

import re
import unicodedata
from collections.abc import Callable

# Letters of the inward part are never C, I, K, M, O or V.
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
TEN_DIGITS = re.compile(r"(?<!\d)(\d{3})[ .-]?(\d{3})[ .-]?(\d{4})(?!\d)")
CASE_NUMBER = re.compile(
    r"\b(?:case|child|client|person|family|lcs|mosaic|liquidlogic|frameworki|eclipse)"
    r"(?:\s+(?:file|record))?\s*(?:no\.?|num(?:ber)?|ids?|ref(?:erence)?\.?|#)?\s*[:#]?\s*[A-Z]{0,3}[-/]?\d{5,10}\b",
    re.IGNORECASE,
)
MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
DAY_MONTH_YEAR = rf"(?:\d{{1,2}}[/.\-]\d{{1,2}}[/.\-]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH}\s+\d{{2,4}})"
DATE_OF_BIRTH = re.compile(
    rf"\b(?:born|d\.?\s?o\.?\s?b\.?|date of birth|birth ?day)\W{{0,3}}(?:(?:on|is|was)\s+)?{DAY_MONTH_YEAR}",
    re.IGNORECASE,
)


def is_nhs_number(digits: str) -> bool:
    """Return whether ten digits have the check digit of an NHS number (modulus 11)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    return check != 10 and check == int(digits[9])


def _has_nhs_number(text: str) -> bool:
    return any(is_nhs_number("".join(match.groups())) for match in TEN_DIGITS.finditer(text))


CHECKS: dict[str, Callable[[str], object]] = {
    "an NHS number": _has_nhs_number,
    "a case number": CASE_NUMBER.search,
    "a postcode": POSTCODE.search,
    "a date of birth": DATE_OF_BIRTH.search,
}


def what_may_identify(text: str) -> list[str]:
    """Return what the text seems to hold ("a postcode", …), in a stable order; empty when nothing.

    Full-width letters and hard spaces, as word processors leave them, count as plain ones.
    """
    text = unicodedata.normalize("NFKC", text)
    return [name for name, found in CHECKS.items() if found(text)]
