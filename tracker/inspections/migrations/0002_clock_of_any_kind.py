from django.db import migrations


class Migration(migrations.Migration):
    """A statutory clock becomes a clock of any kind, with a length in a unit of its own."""

    # Reminders link to the clock by its old name, so that link is made before the name changes.
    dependencies = [("inspections", "0001_initial"), ("reminders", "0001_initial")]

    operations = [
        migrations.RenameModel("StatutoryClock", "Clock"),
        migrations.RenameModel("HistoricalStatutoryClock", "HistoricalClock"),
        migrations.RenameField("Clock", "working_days", "length"),
        migrations.RenameField("HistoricalClock", "working_days", "length"),
    ]
