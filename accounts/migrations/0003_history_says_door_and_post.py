from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_settings_of_councils")]

    operations = [
        AddToHistories(
            [
                "historicalagency",
                "historicalauthority",
                "historicalcouncilpractice",
                "historicalmembership",
                "historicalservice",
                "historicaluser",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
