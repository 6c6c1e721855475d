from django.db import migrations

from tracker.audit.migrating import SAYS_DOOR_AND_POST, AddToHistories


class Migration(migrations.Migration):
    dependencies = [("inspections", "0003_clocks_visits_and_interventions")]

    operations = [
        AddToHistories(
            [
                "historicalclock",
                "historicalclockstep",
                "historicalfinding",
                "historicalgovernancestep",
                "historicalinspection",
                "historicalintervention",
                "historicaljudgement",
                "historicalrecommendation",
                "historicalrecount",
                "historicalvisit",
                "historicalvisitfocus",
            ],
            SAYS_DOOR_AND_POST,
        ),
    ]
