from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("actions", "0003_owner_since_and_sent_back")]

    operations = [
        AddToHistories(
            [
                "historicalaction",
                "historicalanswer",
                "historicaldeadlinechange",
                "historicaldeadlinerequest",
                "historicalevidence",
                "historicalfindinganswer",
                "historicalkeptclosed",
                "historicalmeasure",
                "historicalmilestone",
                "historicaloverdueflag",
                "historicalprogressupdate",
                "historicalreopening",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
