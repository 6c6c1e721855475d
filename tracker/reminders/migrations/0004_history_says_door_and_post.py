from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("reminders", "0003_preferences_calendars_and_kinds")]

    operations = [
        AddToHistories(
            [
                "historicalkindoff",
                "historicalpreference",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
