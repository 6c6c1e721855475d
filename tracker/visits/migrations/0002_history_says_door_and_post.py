from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial")]

    operations = [
        AddToHistories(
            [
                "historicalquestion",
                "historicalreadinessdefault",
                "historicalreadinesstask",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
