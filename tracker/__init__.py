"""The improvement-plan tracker. Exposes the Celery app, nothing else."""

from tracker.config.celery import app as celery_app

__all__ = ["celery_app"]
