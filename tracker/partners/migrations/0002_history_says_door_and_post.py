from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_links_and_answers")]

    operations = [
        AddToHistories(
            [
                "historicalpartneranswer",
                "historicalpartnerlink",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
