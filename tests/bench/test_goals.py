"""The benchmark judges its own figures: what is met, what is missed, and what was never measured."""

from typing import Any

import pytest

from deploy.bench.goals import goals


def result(actions: int, **parts: Any) -> dict[str, Any]:
    return {"database": "postgres", "actions": actions, "authorities": 1, **parts}


def page(p95: float = 10, cpu: float = 8, statements: int = 5, rate: float = 250) -> dict[str, Any]:
    busy = {"requests_a_second": rate, "p95_ms": 40}
    return {"p50_ms": p95, "p95_ms": p95, "cpu_ms_a_request": cpu, "statements": statements, "at_8_clients": busy}


def pages(**changed: dict[str, Any]) -> dict[str, Any]:
    names = ("list_first", "list_last", "list_overdue", "list_overdue_last", "dashboard", "detail")
    return {name: page() for name in (*names, "inspector_list", "inspector_record")} | changed


def run(seconds: float = 0.3, *, mails: int = 200, peak: float = 80) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "mails": mails,
        "addresses": mails,
        "peak_megabytes": peak,
        "statements": 12,
        "statements_besides_one_an_email": 12,
        "smtp_connections": 1,
        "stages": {"flag": {"seconds": 0.1}, "queue": {"seconds": 0.1}, "deliver": {"seconds": 0.2}},
    }


def daily(**changed: Any) -> dict[str, Any]:
    told = {
        "first_day_warm": run(2.0),
        "first_day_command": run(2.5),
        "ordinary_morning_warm": [run(0.5), run(0.3)],
        "ordinary_morning_command": [run(1.0)],
        "second_run_command": run(mails=0),
        "third_run_command": run(mails=0),
        "two_at_once": {"mails": 200, "addresses": 200},
        "killed_half_way": {"expected": 200, "mails": 201, "addresses": 200},
        "writes": {"record_update": {"of_history": 2, "statements": 12}},
        "moved": {"moved": 200, "seconds": 0.1},
        "yardsticks": {
            "ordinary_morning_owed": {"seconds": 0.1},
            "first_day_owed": {"seconds": 0.1},
            "mail_by_hand": {"mails": 200, "seconds": 0.15},
        },
        "workers": {number: {"seconds": 0.2, "mails": 200} for number in ("1", "2", "4")},
    }
    return told | changed


SLOW_STAGES = {"flag": {"seconds": 0.2}, "queue": {"seconds": 0.2}, "deliver": {"seconds": 0.3}}


def met(name: str, *results: dict[str, Any]) -> bool | None:
    return next(goal["met"] for goal in goals(results) if goal["name"] == name)


def test_good_figures_at_both_sizes_meet_every_goal() -> None:
    good = [result(size, pages=pages(), daily=daily()) for size in (10_000, 100_000)]

    assert {goal["name"]: goal["met"] for goal in goals(good) if not goal["met"]} == {}


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert {goal["met"] for goal in goals([result(10_000)])} == {None}
    assert met("P2", result(10_000, pages=pages())) is None


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("P1", {"list_overdue": page(p95=21)}),
        ("P2", {"list_overdue": page(cpu=13)}),
        ("P3", {"list_overdue": page(rate=149)}),
        ("P4", {"list_overdue_last": page(p95=14)}),
        ("P5", {"detail": page(p95=16)}),
        ("P6", {"dashboard": page(p95=21)}),
        ("P7", {"detail": page(statements=7)}),
        ("P15", {"inspector_list": page(statements=11)}),
    ],
)
def test_one_page_too_slow_or_too_talkative_misses_its_goal(name: str, changed: dict[str, Any]) -> None:
    small = result(10_000, pages=pages(), daily=daily())

    assert met(name, small, result(100_000, pages=pages(**changed), daily=daily())) is False


def test_a_list_that_costs_more_with_more_actions_misses_its_goal() -> None:
    big = pages(list_overdue=page(cpu=10))

    assert met("P2", result(10_000, pages=pages()), result(100_000, pages=big)) is False


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("P8", {"ordinary_morning_warm": [run(1.1)]}),
        ("P9", {"first_day_warm": run(2.3)}),
        ("P10", {"ordinary_morning_warm": [run() | {"statements_besides_one_an_email": 13}]}),
        ("P10", {"ordinary_morning_warm": [run() | {"smtp_connections": 2}]}),
        ("flag and queue", {"ordinary_morning_warm": [run() | {"stages": SLOW_STAGES}]}),
        ("throughput", {"ordinary_morning_warm": [run() | {"stages": SLOW_STAGES}]}),
        ("workers", {"workers": {"1": {"seconds": 0.2, "mails": 200}, "4": {"seconds": 0.3, "mails": 200}}}),
        ("workers", {"workers": {"1": {"seconds": 0.2, "mails": 200}, "4": {"seconds": 0.2, "mails": 201}}}),
        ("P11", {"ordinary_morning_command": [run(peak=91)]}),
        ("P12", {"two_at_once": {"mails": 201, "addresses": 200}}),
        ("P12", {"killed_half_way": {"expected": 200, "mails": 202, "addresses": 200}}),
        ("P12", {"third_run_command": run(mails=1)}),
        ("P14", {"writes": {"record_update": {"of_history": 3, "statements": 12}}}),
    ],
)
def test_a_run_that_is_slow_heavy_or_writes_twice_misses_its_goal(name: str, changed: dict[str, Any]) -> None:
    small = result(10_000, pages=pages(), daily=daily())

    assert met(name, small, result(100_000, pages=pages(), daily=daily(**changed))) is False


def test_the_best_of_several_runs_counts() -> None:
    assert met("P8", result(10_000, daily=daily(ordinary_morning_warm=[run(0.9), run(0.4)]))) is True
