import pytest
from datetime import date
from django.urls import reverse
from tests import factories as f
from tracker.audit.site import site
from django.db import connection
from django.test.utils import CaptureQueriesContext

def test_walk(client, council, signed_in):
    insp = f.make_inspection(council)
    from tracker.inspections.changes import start_clocks
    from tracker.dates.models import calendar
    start_clocks(insp, calendar=calendar(), by=None)
    p = f.priya(council); m = f.marcus(council)
    a = f.make_action(council, owner=p.user, rating="at_risk", service=f.make_service(council))
    f.make_milestone(a); f.make_evidence(a); 
    f.make_deadline_change(a, date(2026,8,28))
    b = f.make_action(council, owner=p.user, is_restricted=True, restricted_reason="x", title="SECRETTITLE")
    v = f.make_visit(council); f.make_finding(v)
    signed_in(client, f.ines(council))
    r = client.get("/inspect/"); print(r.content.decode()[:6000])
    for model, adm in site._registry.items():
        for url in [adm.list_url, adm.changes_url]:
            if not url: continue
            with CaptureQueriesContext(connection, ) as q:
                r = client.get(url)
            print(url, r.status_code, len(q))
            if r.status_code == 200: assert "SECRETTITLE" not in r.content.decode()
        for row in model._default_manager.all()[:2]:
            for kind in ["change", "history"]:
                try: u = reverse(f"inspect:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=[row.pk])
                except Exception as e: continue
                with CaptureQueriesContext(connection) as q:
                    r = client.get(u)
                print(u, r.status_code, len(q))
    r = client.get("/inspect/actions/action/?q=3.1"); print(r.status_code, r.headers.get("Location"))
    for u in ["/inspect/actions/action/?status=at_risk&before-visit=yes&moved=yes&deadline__year=2026", "/inspect/actions/action/?deadline__year=2026&deadline__month=8", "/inspect/actions/action/?deadline__year=9999","/inspect/actions/action/?owner__password__startswith=a","/inspect/actions/action/?o=5.-4", "/inspect/actions/action/?p=9", "/inspect/actions/action/?download=csv"]:
        r = client.get(u); print(u, r.status_code, (b"".join(r.streaming_content).decode() if r.streaming else r.content.decode()[-3500:-2000]) if "csv" in u else "")
    r = client.get(reverse("inspect:actions_action_change", args=[a.pk])); print(r.content.decode())
    r = client.get(reverse("inspect:actions_action_history", args=[a.pk])); print(r.content.decode())
    assert 0
