"""Urgent, daily and bulk work: each task has its queue and its limits, and a plain worker takes from all of them."""

from django.conf import settings

from tracker.config.celery import app


def names() -> set[str]:
    return {queue.name for queue in settings.CELERY_TASK_QUEUES}


def tasks() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_each_task_has_a_queue_that_exists_and_each_route_a_task():
    assert set(settings.CELERY_TASK_ROUTES) == tasks()
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} <= names()


def test_a_worker_started_without_queues_takes_from_all_of_them():
    assert set(app.amqp.queues.consume_from) == names() == {"urgent", "daily", "bulk"}
    assert app.conf.task_default_queue in names()


def test_a_running_task_is_never_given_to_another_worker_for_taking_long():
    longest = max(
        settings.CELERY_TASK_TIME_LIMIT, *(limits["time_limit"] for limits in settings.CELERY_TASK_ANNOTATIONS.values())
    )

    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > longest
    assert settings.CELERY_TASK_TIME_LIMIT > settings.CELERY_TASK_SOFT_TIME_LIMIT


def test_a_message_is_forgotten_when_its_next_turn_comes():
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] <= entry["schedule"].total_seconds()


def test_a_task_that_kills_its_worker_is_not_run_for_ever():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.task_retry_on_worker_lost
