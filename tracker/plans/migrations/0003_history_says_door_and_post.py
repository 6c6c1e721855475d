from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_versions_replies_and_criticisms")]

    operations = [
        AddToHistories(
            [
                "historicalcriticism",
                "historicalofstedreply",
                "historicalplan",
                "historicalplananswers",
                "historicalplanversion",
                "historicalpriority",
                "historicalsubmission",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
