"""A plan from draft to sent, returned by Ofsted and sent again: the programme office and the director.

In the demo council some checks fail that only warn, so the director must say why the plan is sent all the same.
"""

import re

from playwright.sync_api import Page, expect

from seeds.loading import DEMO_PASSWORD
from tests.journeys.browser import at_both_widths, axe_violations, screenshot, sideways_scroll, sign_in
from tests.journeys.conftest import Site

AISHA, RACHEL = "aisha-rahman@northbridge.example", "rachel-adeyemi@northbridge.example"
PLAN = "/plans/2026"
TODAY, NEXT_DUE = ("6", "5", "2026"), ("8", "6", "2026")


def looks_right(page: Page, name: str) -> None:
    screenshot(page, f"plan-sent-{name}")
    for width in at_both_widths(page):
        assert axe_violations(page) == [], f"{name} at {width}"
        assert sideways_scroll(page) == 0, f"{name} at {width}"


def main(page: Page):
    return page.get_by_role("main")


def banner(page: Page):
    return page.locator(".govuk-notification-banner--success")


def fill_date(page: Page, legend: str, day: tuple[str, str, str]) -> None:
    group = page.get_by_role("group", name=re.compile(f"^{legend}"))
    for box, text in zip(("Day", "Month", "Year"), day, strict=True):
        group.get_by_label(box, exact=True).fill(text)


def record_step(page: Page, site: Site, step: str) -> None:
    page.goto(f"{site.url}{PLAN}/sending/")
    page.get_by_role("button", name="Record a step").click()
    page.get_by_label(step, exact=True).check()
    fill_date(page, "When was it done", TODAY)
    page.get_by_label("Where is the proof kept?").fill("The plan folder, emails sent")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(banner(page)).to_contain_text(f"{step}: recorded for Wednesday 6 May 2026.")


def test_a_plan_goes_from_draft_to_sent_is_returned_and_is_sent_again(
    own_demo: Site, page: Page, other_page: Page
) -> None:
    office, director, url = page, other_page, own_demo.url
    sign_in(office, url, AISHA, DEMO_PASSWORD)
    sign_in(director, url, RACHEL, DEMO_PASSWORD)

    # A version for cabinet.
    office.goto(f"{url}{PLAN}/versions/")
    office.get_by_label("Cabinet", exact=True).check()
    office.get_by_label("What is different from the version before?").fill("Money for the front door added.")
    office.get_by_role("button", name="Freeze this version").click()
    expect(banner(office)).to_contain_text(re.compile(r"Version \d+, cabinet, is frozen as the plan stands now\."))
    looks_right(office, "1-versions")

    # An action without an owner blocks sending.
    office.goto(f"{url}{PLAN}/actions/new/")
    office.get_by_label("Priority", exact=True).select_option(index=1)
    office.get_by_label("Reference", exact=True).fill("1.90")
    office.get_by_label("Title", exact=True).fill("Read every complaint within 5 working days")
    office.get_by_label("What will be done?").fill("The complaints team reads each complaint and answers it.")
    office.get_by_label("None: it is the council’s own choice").check()
    fill_date(office, "Deadline", ("31", "7", "2026"))
    office.get_by_role("button", name=re.compile("^Add")).click()
    expect(banner(office)).to_contain_text("1.90 is now in the plan")
    office.goto(f"{url}{PLAN}/quality/")
    expect(main(office)).to_contain_text("Not yet. 1 check that blocks sending fails.")
    expect(main(office)).to_contain_text("1.90 Read every complaint within 5 working days: No owner")
    looks_right(office, "2-quality-blocks")
    director.goto(f"{url}{PLAN}/sending/")
    expect(main(director)).to_contain_text("comes when no check blocks sending")
    expect(director.get_by_role("button", name=re.compile("^Freeze"))).to_have_count(0)

    # It is put right; what is left warns, and only the director accepts that, with a reason.
    office.goto(f"{url}{PLAN}/actions/1.90/owner/")
    office.get_by_label("New owner").select_option(label="Priya Nair")
    office.get_by_label("Why does it change hands?").fill("She leads complaints.")
    office.get_by_role("button", name="Save new owner").click()
    expect(banner(office)).to_contain_text("Priya Nair now owns 1.90")
    office.goto(f"{url}{PLAN}/sending/")
    expect(main(office)).to_contain_text("so the director freezes it")
    expect(office.get_by_role("button", name=re.compile("^Freeze"))).to_have_count(0)
    director.goto(f"{url}{PLAN}/sending/")
    director.get_by_role("button", name="Freeze the version to send").click()
    director.get_by_label("What is different from the version before?").fill("Complaints added.")
    director.get_by_role("button", name="Freeze this version").click()
    expect(director.get_by_role("alert")).to_contain_text("Enter why the plan is sent although these checks fail")
    looks_right(director, "3-director-refused")
    director.get_by_label("Why is the plan sent although these checks fail?").fill("Measures follow by June.")
    director.get_by_role("button", name="Freeze this version").click()
    expect(banner(director)).to_contain_text("is frozen. Record it here once it is sent to Ofsted, sent to DfE or")
    looks_right(director, "4-frozen")

    # The three legs; the clock is met with the last.
    for step in ("Sent to Ofsted", "Sent to DfE"):
        record_step(office, own_demo, step)
        expect(main(office)).to_contain_text("Send and publish the plan")
    record_step(office, own_demo, "Published")
    expect(banner(office)).to_contain_text("All three are recorded, and the plan’s clock has stopped.")
    expect(main(office).get_by_role("link", name="Send and publish the plan")).to_have_count(0)
    looks_right(office, "5-sent")

    # Ofsted returns it, and the clock of the next version starts.
    office.get_by_role("button", name="Record the reply").click()
    office.get_by_label("The plan does not reflect the findings").check()
    fill_date(office, "When was the reply received", TODAY)
    fill_date(office, "By when does Ofsted want", NEXT_DUE)
    office.get_by_label("What does the reply say?").fill("It does not say how supervision will be checked.")
    office.get_by_label("Where is the reply kept?").fill("The plan folder, replies")
    looks_right(office, "6-reply")
    office.get_by_role("button", name="Record the reply").click()
    expect(banner(office)).to_contain_text("is returned: send the next one by Monday 8 June 2026.")
    expect(office.get_by_role("link", name="Send the plan again")).to_be_visible()
    looks_right(office, "7-returned")
    office.goto(f"{url}{PLAN}/")
    expect(main(office)).to_contain_text("does not reflect the findings. Send the next version by Monday 8 June 2026")
    looks_right(office, "8-plan-returned")

    # The next version goes through the same steps.
    director.goto(f"{url}{PLAN}/sending/freeze/")
    director.get_by_label("What is different from the version before?").fill("Supervision is checked each month.")
    director.get_by_label("Why is the plan sent although these checks fail?").fill("Measures follow by June.")
    director.get_by_role("button", name="Freeze this version").click()
    expect(main(director)).to_contain_text("is frozen and has not gone to Ofsted yet.")
    for step in ("Sent to Ofsted", "Sent to DfE", "Published"):
        record_step(office, own_demo, step)
    expect(main(office)).to_contain_text("Sent again.")
    expect(office.get_by_role("link", name="Send the plan again")).to_have_count(0)
    expect(main(office)).to_contain_text("“It does not say how supervision will be checked.”")
    looks_right(office, "9-sent-again")

    # What each version said stays to be read and compared.
    office.goto(f"{url}{PLAN}/versions/compare/")
    looks_right(office, "10-compare")
    office.goto(f"{url}{PLAN}/versions/")
    office.get_by_role("link", name=re.compile(", cabinet")).click()
    expect(main(office)).to_contain_text("The plan exactly as it stood on Wednesday 6 May 2026")
    looks_right(office, "11-cabinet")
