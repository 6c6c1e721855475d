"""The goals, held against what was measured. Pure: figures in, verdicts out.

A result is one database with one number of actions; goals that compare sizes need several. Sizes are named as in
"100000/1": actions and councils.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
Goal = dict[str, Any]
SMALL, BIG, HUGE = 10_000, 100_000, 1_000_000
# Seconds warm and as a command of an ordinary morning, by the number of actions.
MORNINGS = {SMALL: (0.4, 1.1), BIG: (1.0, 1.7), HUGE: (6.0, None)}
BATCH = 100  # Emails that a worker takes at a time.


def goals(results: Sequence[Result]) -> list[Goal]:
    """Return each goal with its figures and whether it is met; None where what it needs was not measured."""
    return [goal(results) for goal in (*PAGES, *RUNS)]


def _size(result: Result) -> str:
    return f"{result['actions']}/{result['authorities']}"


def _figures(results: Sequence[Result], read: Callable[[Result], Any], *sizes: int) -> dict[str, Any]:
    """Return a figure of each result that has it, of the sizes named or of all."""
    found = {}
    for result in results:
        if sizes and result["actions"] not in sizes:
            continue
        try:
            found[_size(result)] = read(result)
        except KeyError:
            continue
    return found


def _page(name: str, *path: str) -> Callable[[Result], Any]:
    def read(result: Result) -> Any:
        value = result["pages"][name]
        for key in path:
            value = value[key]
        return value

    return read


def _goal(name: str, goal: str, figure: Any, met: bool | None) -> Goal:
    return {"name": name, "goal": goal, "figure": figure, "met": met}


def _all(figures: Mapping[str, Any], is_met: Callable[[Any], bool]) -> bool | None:
    return all(is_met(figure) for figure in figures.values()) if figures else None


def _both(*verdicts: bool | None) -> bool | None:
    """Return False if any is not met, None if any was not measured, else True."""
    if False in verdicts:
        return False
    return None if None in verdicts else True


def p1(results: Sequence[Result]) -> Goal:
    figures = _figures(results, _page("list_overdue", "p95_ms"), SMALL, BIG)
    return _goal(
        "P1", "overdue list, 1 client: p95 <= 20 ms at 10,000 and 100,000", figures, _all(figures, lambda f: f <= 20)
    )


def p2(results: Sequence[Result]) -> Goal:
    figures = _figures(results, _page("list_overdue", "cpu_ms_a_request"), SMALL, BIG)
    one = [figures.get(f"{size}/1") for size in (SMALL, BIG)]
    ratio = round(one[1] / one[0], 2) if one[0] and one[1] else None
    met = _both(_all(figures, lambda f: f <= 12), None if ratio is None else ratio <= 1.2)
    words = "its CPU a request (web and database): <= 12 ms, and at 100,000 at most 1.2 times that at 10,000"
    return _goal("P2", words, {**figures, "ratio": ratio}, met)


def p3(results: Sequence[Result]) -> Goal:
    rate = _figures(results, _page("list_overdue", "at_8_clients", "requests_a_second"), SMALL, BIG)
    p95 = _figures(results, _page("list_overdue", "at_8_clients", "p95_ms"), SMALL, BIG)
    met = _both(_all(rate, lambda f: f >= 150), _all(p95, lambda f: f <= 100))
    words = "overdue list, 8 clients: >= 150 requests a second, p95 <= 100 ms"
    return _goal("P3", words, {"requests_a_second": rate, "p95_ms": p95}, met)


def p4(results: Sequence[Result]) -> Goal:
    def ratio(result: Result) -> float:
        pages = result["pages"]
        return round(
            max(
                pages["list_last"]["p50_ms"] / pages["list_first"]["p50_ms"],
                pages["list_overdue_last"]["p50_ms"] / pages["list_overdue"]["p50_ms"],
            ),
            2,
        )

    figures = _figures(results, ratio)
    return _goal("P4", "last page of the list: at most 1.3 times the first", figures, _all(figures, lambda f: f <= 1.3))


def p5(results: Sequence[Result]) -> Goal:
    p95 = _figures(results, _page("detail", "p95_ms"), SMALL, BIG)
    rate = _figures(results, _page("detail", "at_8_clients", "requests_a_second"), SMALL, BIG)
    met = _both(_all(p95, lambda f: f <= 15), _all(rate, lambda f: f >= 200))
    words = "action page with history: p95 <= 15 ms; 8 clients: >= 200 requests a second"
    return _goal("P5", words, {"p95_ms": p95, "requests_a_second": rate}, met)


def p6(results: Sequence[Result]) -> Goal:
    figures = _figures(results, _page("dashboard", "p95_ms"), BIG)
    return _goal("P6", "dashboard: p95 <= 20 ms at 100,000", figures, _all(figures, lambda f: f <= 20))


def p7(results: Sequence[Result]) -> Goal:
    most = {
        "list_overdue": 6,
        "list_first": 6,
        "detail": 6,
        "dashboard": 6,
        "inspector_list": 10,
        "inspector_record": 10,
    }
    figures = {name: _figures(results, _page(name, "statements")) for name in most}
    counts = [(name, count) for name, found in figures.items() for count in found.values()]
    same = all(len(set(found.values())) <= 1 for found in figures.values())
    met = same and all(count <= most[name] for name, count in counts) if counts else None
    words = "SQL statements: list, action page, dashboard <= 6; inspector list and record <= 10; the same at any size"
    return _goal("P7", words, figures, met)


def p8(results: Sequence[Result]) -> Goal:
    warm = _figures(results, lambda r: min(run["seconds"] for run in r["daily"]["ordinary_morning_warm"]))
    command = _figures(results, lambda r: min(run["seconds"] for run in r["daily"]["ordinary_morning_command"]))
    mails = _figures(results, lambda r: r["daily"]["ordinary_morning_warm"][0]["mails"])
    limits = {_size(r): MORNINGS.get(r["actions"], (None, None)) for r in results}
    met = _both(
        *(seconds <= limits[size][0] if limits[size][0] else None for size, seconds in warm.items()),
        *(seconds <= limits[size][1] for size, seconds in command.items() if limits[size][1]),
    )
    words = "ordinary morning, 2% changed, 200 emails: 0.4 s warm and 1.1 s as a command; 1.0 and 1.7 s; 6 s warm"
    return _goal("P8", words, {"warm": warm, "command": command, "mails": mails}, met if warm else None)


def p9(results: Sequence[Result]) -> Goal:
    figures = _figures(results, lambda r: r["daily"]["first_day_warm"]["seconds"], BIG)
    return _goal("P9", "first day: <= 2.2 s warm at 100,000", figures, _all(figures, lambda f: f <= 2.2))


def p10(results: Sequence[Result]) -> Goal:
    def read(result: Result) -> dict[str, Any]:
        run = result["daily"]["ordinary_morning_warm"][0]
        return {
            "statements": run["statements"],
            "besides_one_an_email": run["statements_besides_one_an_email"],
            "mails": run["mails"],
            "smtp_connections": run["smtp_connections"],
        }

    figures = _figures(results, read)
    counts: dict[int, set[int]] = {}
    for figure in figures.values():
        counts.setdefault(-(-figure["mails"] // BATCH), set()).add(figure["besides_one_an_email"])
    same = [len(found) == 1 for found in counts.values() if len(figures) > 1]
    words = "the run: as many SQL statements for as many batches of emails at any number of actions, 1 SMTP connection"
    one_line = _all(figures, lambda f: f["smtp_connections"] == 1)
    return _goal("P10", words, figures, _both(one_line, all(same) if same else None))


def against_one_statement(results: Sequence[Result]) -> Goal:
    """Flagging and queueing, which write, against one statement by hand that only finds the same rows."""

    def read(kind: str) -> Callable[[Result], float]:
        def ratio(result: Result) -> float:
            runs = result["daily"][f"{kind}_warm"]
            stages = min(
                (run["stages"] for run in (runs if isinstance(runs, list) else [runs])),
                key=lambda found: found["flag"]["seconds"] + found["queue"]["seconds"],
            )
            took = stages["flag"]["seconds"] + stages["queue"]["seconds"]
            return round(took / result["daily"]["yardsticks"][f"{kind}_owed"]["seconds"], 2)

        return ratio

    morning = _figures(results, read("ordinary_morning"))
    first = _figures(results, read("first_day"))
    judged = {size: ratio for size, ratio in morning.items() if int(size.split("/")[0]) >= BIG}
    words = "flag and queue, ordinary morning: at most 3 times one SQL statement that finds the rows, from 100,000 on"
    figure = {"ordinary_morning": morning, "first_day": first}
    return _goal("flag and queue", words, figure, _all(judged, lambda ratio: ratio <= 3))


def against_smtplib(results: Sequence[Result]) -> Goal:
    """Emails a second of the sending stage against a bare smtplib loop with mails of the same size and sink."""

    def read(result: Result) -> dict[str, Any]:
        run = min(result["daily"]["ordinary_morning_warm"], key=lambda one: one["stages"]["deliver"]["seconds"])
        by_hand = result["daily"]["yardsticks"]["mail_by_hand"]
        ours = run["mails"] / run["stages"]["deliver"]["seconds"]
        bare = by_hand["mails"] / by_hand["seconds"]
        return {"a_second": round(ours), "bare_a_second": round(bare), "share": round(ours / bare, 2)}

    figures = _figures(results, read)
    words = "sending: at least 60% of the emails a second of a bare smtplib loop"
    return _goal("throughput", words, figures, _all(figures, lambda f: f["share"] >= 0.6))


def four_against_one(results: Sequence[Result]) -> Goal:
    """Four workers that are running already against one, on the same morning."""

    def read(result: Result) -> dict[str, Any]:
        workers = result["daily"]["workers"]
        return {
            "seconds": {number: told["seconds"] for number, told in workers.items()},
            "mails": {number: told["mails"] for number, told in workers.items()},
        }

    figures = _figures(results, read)
    words = "four workers send what one sends, and take no longer"
    is_met = lambda f: f["seconds"]["4"] <= f["seconds"]["1"] and len(set(f["mails"].values())) == 1  # noqa: E731
    return _goal("workers", words, figures, _all(figures, is_met))


def p11(results: Sequence[Result]) -> Goal:
    peaks = _figures(results, lambda r: max(run["peak_megabytes"] for run in r["daily"]["ordinary_morning_command"]))
    first = _figures(results, lambda r: r["daily"]["first_day_command"]["peak_megabytes"])
    base = peaks.get(f"{SMALL}/1")
    more = {size: round(peak - base, 1) for size, peak in peaks.items()} if base else {}
    allowed = {str(BIG): 10, str(HUGE): 40}
    verdicts = [more[size] <= allowed[size.split("/")[0]] for size in more if size.split("/")[0] in allowed]
    met = _both(_all(peaks, lambda f: f <= 120), _both(*verdicts) if verdicts else None)
    words = "its peak memory: <= 120 MB as a command; 10 MB more at 100,000 and 40 MB more at 1,000,000 than at 10,000"
    return _goal("P11", words, {"ordinary_morning": peaks, "first_day": first, "more_than_smallest": more}, met)


def p12(results: Sequence[Result]) -> Goal:
    def read(result: Result) -> dict[str, Any]:
        daily = result["daily"]
        expected = daily["ordinary_morning_warm"][0]["addresses"]
        once, killed = daily["two_at_once"], daily["killed_half_way"]
        return {
            "addresses": expected,
            "mails": daily["ordinary_morning_warm"][0]["mails"],
            "again": daily["second_run_command"]["mails"] + daily["third_run_command"]["mails"],
            "two_at_once": once["mails"],
            "killed": {"mails": killed["mails"], "addresses": killed["addresses"]},
            "is_met": daily["ordinary_morning_warm"][0]["mails"] == once["mails"] == once["addresses"] == expected
            and not daily["second_run_command"]["mails"] + daily["third_run_command"]["mails"]
            and killed["addresses"] == killed["expected"]
            and killed["mails"] - killed["expected"] <= 1,
        }

    figures = _figures(results, read)
    words = "exactly 1 email a person and day: run again 0, two at once no more, killed half-way at most 1 twice"
    return _goal("P12", words, figures, _all(figures, lambda f: f["is_met"]))


def p14(results: Sequence[Result]) -> Goal:
    figures = _figures(results, lambda r: {name: w["of_history"] for name, w in r["daily"]["writes"].items()})
    saves = _figures(results, lambda r: {name: w["statements"] for name, w in r["daily"]["writes"].items()})
    bulk = _figures(results, lambda r: r["daily"]["moved"])
    words = "history on a write: one more statement for each row that is saved (here 2 rows); bulk in sets"
    figure = {"history_statements": figures, "statements": saves, "bulk": bulk}
    return _goal("P14", words, figure, _all(figures, lambda f: all(number <= 2 for number in f.values())))


def p15(results: Sequence[Result]) -> Goal:
    p95 = _figures(results, _page("inspector_list", "p95_ms"), BIG)
    count = _figures(results, _page("inspector_list", "statements"), BIG)
    met = _both(_all(p95, lambda f: f <= 60), _all(count, lambda f: f <= 10))
    words = "inspector's list of 100,000 actions: p95 <= 60 ms, <= 10 statements"
    return _goal("P15", words, {"p95_ms": p95, "statements": count}, met)


PAGES = (p1, p2, p3, p4, p5, p6, p7, p14, p15)
RUNS = (p8, p9, p10, p11, p12, against_one_statement, against_smtplib, four_against_one)
