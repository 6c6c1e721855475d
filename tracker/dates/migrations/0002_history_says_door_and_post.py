from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("dates", "0001_initial")]

    operations = [
        AddToHistories(
            [
                "historicalbankholiday",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
