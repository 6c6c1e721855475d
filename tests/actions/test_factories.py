import pytest
from datetime import date
from tests import factories as f
from tracker.actions.models import Action
pytestmark = pytest.mark.django_db

def test_the_cast(council):
    p, m, d, i = f.priya(council), f.marcus(council), f.dee(council), f.ines(council)
    f.aisha(council); f.rachel(council); f.helen(council)
    a = f.make_action(council, owner=p.user, service=f.make_service(council), rating="at_risk", claimed_on=date(2026,5,1), completed_on=date(2026,5,4), difference="sustained")
    b = f.make_action(council, owner=d.user, rating="on_track")
    f.make_milestone(b, done_on=f.TODAY); f.make_deadline_change(b, date(2026,8,31))
    c = f.make_action(council, cancelled_on=f.TODAY)
    f.make_finding(f.make_visit(council))
    assert [x.reference for x in Action.objects.of(council)] == ["3.1", "3.2", "3.3"]
    other = f.make_authority("Other", "other")
    f.make_action(other)
