"""A programme office enters the real monitoring visits of two councils through the pages, as their letters came.

Buckinghamshire's first visit of 2016, with 12 strengths, 7 areas that need work and the police backlog beside them,
and Gloucestershire's series of 8 from 2017 on. The words are those of the public record in seeds/record.
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site, StartSite
from tests.services.servers import Product

RECORD = Path(__file__).resolve().parents[2] / "seeds" / "record"
OFFICES = {"buckinghamshire": "Bea Office", "gloucestershire": "Gus Office"}
INSPECTIONS = {"buckinghamshire": "2014-sif", "gloucestershire": "2017-sif"}


def record_of(council: str) -> dict[str, Any]:
    return yaml.safe_load((RECORD / f"{council}.yaml").read_text())


def seed_councils_before_their_visits(product: Product) -> None:
    """Each council with its inspection, what that asked for, its partners and a programme office; no visit yet."""
    product.shell(
        f"""
import yaml
from tests import factories
from accounts.roles import Role
for slug, office in {OFFICES!r}.items():
    record = yaml.safe_load(open(f"{RECORD}/{{slug}}.yaml"))
    council = factories.make_authority(record["authority"]["name"], slug)
    factories.make_member(council, Role.PROGRAMME_OFFICE, office)
    for agency in record["agencies"]:
        factories.make_agency(council, agency["name"], agency["kind"])
    said = next(one for one in record["inspections"] if one["reference"] == {INSPECTIONS!r}[slug])
    inspection = factories.make_inspection(
        council, said["reference"], framework="sif", kind="", is_monitored=True,
        **{{name: said[name] for name in ("started_on", "ended_on", "received_on", "published_on")}},
    )
    for position, asked in enumerate(said["recommendations"], 1):
        factories.make_recommendation(
            inspection, reference=str(asked["reference"]), position=position, kind=asked["kind"],
            title=asked["text"][:90], text=asked["text"], is_paraphrase=True,
        )
"""
    )


def fill_date(page: Page, name: str, day: date) -> None:
    for box, number in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"#id_{name}-{box}").fill(str(number))


def banner(page: Page):
    return page.locator(".govuk-notification-banner--success")


def enter_visit(page: Page, site: Site, visit: dict[str, Any]) -> None:
    page.goto(f"{site.url}/visits/")
    page.get_by_role("button", name="Enter a visit").click()
    expect(page.get_by_label("Number (optional)")).to_have_value(str(visit["sequence"]))
    for name in ("starts_on", "ends_on"):
        if visit.get(name):
            fill_date(page, name, visit[name])
    page.get_by_label(re.compile("^What is known of the days")).fill((visit.get("dates_note") or "")[:300])
    page.get_by_label(re.compile("^What will inspectors look at")).fill(visit.get("focus") or "")
    page.get_by_role("button", name="Enter visit").click()
    expect(banner(page)).to_contain_text(f"Visit entered. Monitoring visit {visit['sequence']} is now in the list")


def record_letter(page: Page, visit: dict[str, Any], *, strengths: int, needs_work: int) -> None:
    page.get_by_role("button", name="Record the letter").click()
    if published := visit.get("letter_published_on"):
        page.get_by_label("Yes", exact=True).check()
        fill_date(page, "letter_published_on", published)
    else:
        page.get_by_label("Not yet, or we do not know").check()
    page.get_by_label(re.compile("^How many strengths")).fill(str(strengths))
    page.get_by_label(re.compile("^How many areas that need work")).fill(str(needs_work))
    page.get_by_role("button", name="Save and record findings").click()
    expect(banner(page)).to_contain_text(f"Letter of Monitoring visit {visit['sequence']} recorded.")


def record_finding(page: Page, finding: dict[str, Any]) -> None:
    kind = "It needs work" if finding["kind"] == "needs_work" else "It is a strength"
    page.get_by_label(kind).check()
    page.get_by_label("The letter’s words", exact=True).fill(finding["text"])
    page.get_by_label("These are our words").check()
    if finding.get("recommendation"):
        choices = page.get_by_label(re.compile("^Which recommendation does it repeat"))
        choices.select_option(label=name_of(choices, finding["recommendation"]))
    if finding.get("agency"):
        page.get_by_label(re.compile("^Which partner agency")).select_option(label=finding["agency"])
    page.get_by_label(re.compile("^Paragraph")).press("Enter")
    words = "Needs work" if finding["kind"] == "needs_work" else "Strength"
    expect(banner(page)).to_contain_text(f"{words} {finding['number']} saved.")


def name_of(choices, reference: str) -> str:
    names = choices.locator("option").all_inner_texts()
    return next(name for name in names if name.startswith(f"{reference}. "))


def check_and_keep(page: Page, name: str) -> None:
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"{name} at {width}"
        assert sideways_scroll(page) == 0, f"{name} at {width}"
        screenshot(page, f"{name}-{width}")


def test_buckinghamshires_visit_of_2016_is_entered_with_its_findings(start_site: StartSite, page: Page) -> None:
    site = start_site(seed_councils_before_their_visits)
    visit = record_of("buckinghamshire")["visits"][0]
    sign_in(page, site.url, "bea.office@council.example", PASSWORD)

    enter_visit(page, site, visit)
    record_letter(page, visit, strengths=12, needs_work=7)
    findings = sorted(visit["findings"], key=lambda finding: (finding["kind"], finding["number"]))
    for finding in findings:
        record_finding(page, finding)
    check_and_keep(page, "visits-add-finding")
    page.get_by_role("link", name="Finish without saving this one").click()

    main = page.get_by_role("main")
    expect(main).to_contain_text("Inspectors named 12 strengths and 8 areas that need work.")
    expect(main).to_contain_text("It opens recommendations 22, 24, 26 and 42 again.")
    police = page.get_by_role("row").filter(has_text="A backlog of 450 domestic abuse notifications")
    expect(police).to_contain_text("About Thames Valley Police")
    expect(police).to_contain_text("No action")
    expect(main).to_contain_text("Of the strengths, 2 are recorded here.")
    check_and_keep(page, "visits-buckinghamshire-2016")

    page.get_by_role("link", name="Recommendation 26").click()
    expect(page.get_by_role("main")).to_contain_text("Open again: inspectors repeated it.")
    check_and_keep(page, "visits-recommendation-open-again")


def test_a_visit_before_its_inspection_is_refused_in_clear_words(start_site: StartSite, page: Page) -> None:
    site = start_site(seed_councils_before_their_visits)
    sign_in(page, site.url, "bea.office@council.example", PASSWORD)
    page.goto(f"{site.url}/visits/new/")
    fill_date(page, "starts_on", date(2014, 6, 25))
    page.get_by_role("button", name="Enter visit").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text(
        "The visit must come after the inspection it follows up, which ended on 25 June 2014."
    )
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_starts_on-day")).to_be_focused()
    check_and_keep(page, "visits-refused")


def test_gloucestershires_series_is_entered_one_after_the_other(start_site: StartSite, page: Page) -> None:
    site = start_site(seed_councils_before_their_visits)
    sign_in(page, site.url, "gus.office@council.example", PASSWORD)
    visits = [visit for visit in record_of("gloucestershire")["visits"] if visit["inspection"] == "2017-sif"]
    assert len(visits) == 8

    for visit in visits:
        enter_visit(page, site, visit)
        if not visit["findings"]:
            continue
        counts = {kind: sum(one["kind"] == kind for one in visit["findings"]) for kind in ("strength", "needs_work")}
        record_letter(page, visit, strengths=counts["strength"], needs_work=counts["needs_work"])
        for finding in visit["findings"]:
            record_finding(page, finding)

    page.goto(f"{site.url}/visits/")
    over = page.get_by_role("main")
    for said in ("8 strengths and 8 areas that need work", "4 strengths and 5 areas that need work", "5 strengths"):
        expect(over).to_contain_text(said)
    check_and_keep(page, "visits-gloucestershire-series")
    page.get_by_role("link", name="Monitoring visit 3", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("It was published on 8 June 2018.")
    check_and_keep(page, "visits-gloucestershire-2018")


def test_findings_are_entered_with_the_keyboard_alone(start_site: StartSite, page: Page) -> None:
    site = start_site(seed_councils_before_their_visits)
    visit = record_of("buckinghamshire")["visits"][1]
    sign_in(page, site.url, "bea.office@council.example", PASSWORD)
    page.goto(f"{site.url}/visits/new/")
    fill_date(page, "starts_on", visit["starts_on"])
    page.get_by_role("button", name="Enter visit").click()
    record_letter(page, {**visit, "sequence": 1}, strengths=0, needs_work=2)

    for number, words in enumerate(("Public law outline not yet effective.", "Assessments not updated."), start=1):
        steps = 0
        while page.evaluate("document.activeElement.name") != "text":
            page.keyboard.press("Tab")
            steps += 1
            assert steps < 15, "The Tab key does not reach the words."
        page.keyboard.type(words)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(banner(page)).to_contain_text(f"Needs work {number} saved.")
        expect(banner(page)).to_be_focused()
