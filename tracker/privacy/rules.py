"""How the text of a statement reads. Pure."""

from dataclasses import dataclass, field


@dataclass
class Part:
    """A heading, a paragraph, or a list of `lines`."""

    heading: str = ""
    paragraph: str = ""
    lines: list[str] = field(default_factory=list)


def parts_of(text: str) -> list[Part]:
    """Return the parts of a statement: "# " begins a heading, "* " a line of a list, an empty line a paragraph."""
    parts: list[Part] = []
    joins = False
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("# "):
            parts.append(Part(heading=line[2:].strip()))
        elif line.startswith("* "):
            if not parts or not parts[-1].lines:
                parts.append(Part())
            parts[-1].lines.append(line[2:].strip())
        elif line and joins:
            parts[-1].paragraph += f" {line}"
        elif line:
            parts.append(Part(paragraph=line))
        joins = bool(line) and bool(parts) and bool(parts[-1].paragraph)
    return parts


def filled_in(text: str, *, council: str, contact: str, phone: str) -> str:
    """Put the council and whom to ask where a text says (council) and (contact)."""
    whom = " on ".join(part for part in (contact, phone) if part) or "the improvement programme office of the council"
    return text.replace("(council)", council or "the council").replace("(contact)", whom)
