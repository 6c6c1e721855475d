"""Many writers of several councils at once: each change has its link, none waits for ever, and the chains hold."""

from tests.services.servers import Product

WRITERS, CHANGES = 8, 25
TOGETHER = f"""
import threading
from django.db import connection
from accounts.models import Authority
from tests.factories import make_authority, make_service
from tracker.audit.history import save_because
councils = [make_authority(f"Council {{number}}", f"council-{{number}}") for number in range(2)]
failed = []

def write(number):
    try:
        service = make_service(councils[number % 2], f"Service {{number}}")
        for turn in range({CHANGES - 1}):
            service.name = f"Service {{number}}, {{turn}}"
            save_because(service, by=None, reason="Renamed")
    except Exception as error:
        failed.append(repr(error))
    finally:
        connection.close()

writers = [threading.Thread(target=write, args=[number]) for number in range({WRITERS})]
for each in writers:
    each.start()
for each in writers:
    each.join()
print(failed)
"""


def test_writers_of_the_same_councils_each_add_their_links(product: Product):
    assert product.shell(TOGETHER).strip().endswith("[]")

    links = product.rows("SELECT council, count(DISTINCT link), max(link) FROM audit_entry GROUP BY 1 ORDER BY 1")
    of_each = 1 + WRITERS // 2 * CHANGES
    assert [(number, last) for council, number, last in links if council] == [(of_each, of_each)] * 2
    assert product.manage("verify_history").startswith("All is as it was written")
