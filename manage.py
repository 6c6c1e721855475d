#!/usr/bin/env python
"""Django's command line for the improvement-plan tracker."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

    from django.core.management import execute_from_command_line

    from tracker.audit.ways import through_command

    with through_command(sys.argv):
        execute_from_command_line(sys.argv)
