"""An email as HTML and as plain text, with the same words."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.reminders.emails.parts import Section

LINE = 77


def section_html(section: Section) -> SafeString:
    items = format_html_join(
        "",
        # Lines stay under the 998 characters of mail, so that it need not be encoded.
        '\n<tr><td style="padding:0 20px 16px;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"'
        ' border="0" style="border-left:5px solid {};background:#f5f6f6;"><tr><td style="padding:12px 16px 14px;'
        'color:#0b0c0c;">\n<a href="{}" style="color:#0b5a8a;font-weight:bold;font-size:18px;">{}</a><br>'
        '<span style="color:{};font-weight:bold;"><span aria-hidden="true">{}</span> {}.</span> {}'
        '\n<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin-top:11px;"><tr>'
        '<td style="background:#0f4c4a;"><a href="{}" style="display:inline-block;padding:9px 16px;color:#ffffff;'
        'font-weight:bold;text-decoration:none;">{}</a></td></tr></table></td></tr></table></td></tr>',
        (
            (
                item.colour,
                item.url,
                item.name,
                item.colour,
                item.mark,
                item.state,
                item.details,
                item.button_url,
                item.button,
            )
            for item in section.items
        ),
    )
    more = format_html('<tr><td style="padding:0 20px 16px;">{}</td></tr>', section.rest) if section.rest else ""
    return format_html(
        '<tr><td style="padding:8px 20px 0;"><h2 style="margin:0 0 10px;font-size:20px;">{}</h2></td></tr>{}{}',
        section.heading,
        items,
        more,
    )


def as_text(parts: dict, sections: Sequence[Section]) -> str:
    """Return the same words as plain text, in lines of fewer than 78 characters but for addresses."""
    blocks = [_wrapped(parts["heading"])]
    if parts["opening"]:
        blocks.append(_wrapped(parts["opening"]))
    blocks += [f"{_wrapped(line)}\n{parts['clock_url']}" for line in parts["clocks"]]
    if parts["summary"]:
        blocks.append(_wrapped(parts["summary"]))
    for section in sections:
        blocks.append(section.heading.upper())
        blocks += [
            f"{_wrapped(item.name)}\n{_wrapped(f'{item.mark} {item.state}. {item.details}')}\n"
            f"{item.button}: {item.button_url}"
            for item in section.items
        ]
        if section.rest:
            blocks.append(section.rest)
    if parts["restricted"]:
        blocks.append(_wrapped(parts["restricted"]))
    blocks.append(f"{parts['see_all']}:\n{parts['see_all_url']}")
    authority = parts["authority"]
    contact = "\n".join(part for part in (authority.contact_name, authority.contact_phone) if part)
    if contact:
        blocks.append(contact)
    blocks.append("-- \n" + _wrapped(parts["footer"]))
    if parts["stop_url"]:
        blocks.append(f"Stop the kinds you can do without:\n{parts['stop_url']}")
    blocks.append(f"Choose what you get:\n{parts['choices_url']}")
    return "\n\n".join(blocks) + "\n"


def _wrapped(words: str) -> str:
    """Break lines between words only. Python's textwrap does the same in five times as long, and an email has 30."""
    if len(words) <= LINE:
        return words
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
