"""What the inspector site shows of a model: a list, a record and its history. Nothing here writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.utils import flatten, label_for_field, lookup_field
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList, IncorrectLookupParameters
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.text import capfirst, slugify
from simple_history.admin import SimpleHistoryAdmin

from tracker.audit.history import history_of
from tracker.govuk.downloads import csv_download
from tracker.govuk.pagination import pages_for
from tracker.govuk.templatetags.govuk import clock_time, count_of, long_date, short_date

ROWS = 50
BATCH = 500  # Rows of a download read and sent at a time.
NOTHING = "–"
SECRET = ("password",)  # Never shown, whatever the model.
DOWNLOAD_VAR = "download"


class Choose(admin.SimpleListFilter):
    """A filter of a list, drawn as a select box: the only kind the site has.

    `options` and `narrow` are given the member, and see no more than they may.
    """

    def options(self, request: HttpRequest) -> Iterable[tuple[str, str]]:
        raise NotImplementedError

    def narrow(self, rows: QuerySet, value: str, request: HttpRequest) -> QuerySet:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), label) for value, label in self.options(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return self.narrow(queryset, value, request) if value in dict(self.lookup_choices) else queryset


def choose_field(name: str, heading: str) -> type[Choose]:
    """Return a filter by a field with choices."""

    class ChooseField(Choose):
        title = heading
        parameter_name = name

        def __init__(self, request: HttpRequest, params: dict, model: type[models.Model], model_admin: Any) -> None:
            self.choices_of_field = model._meta.get_field(name).flatchoices
            super().__init__(request, params, model, model_admin)

        def options(self, request: HttpRequest) -> Iterable[tuple[str, str]]:
            return self.choices_of_field

        def narrow(self, rows: QuerySet, value: str, request: HttpRequest) -> QuerySet:
            return rows.filter(**{name: value})

    return ChooseField


def choose_related(name: str, heading: str, lookup: str = "") -> type[Choose]:
    """Return a filter by a row that this one points to, offering what the site shows this person of those."""

    class ChooseRelated(Choose):
        title = heading
        parameter_name = name

        def __init__(self, request: HttpRequest, params: dict, model: type[models.Model], model_admin: Any) -> None:
            field = model
            for part in (lookup or name).split("__"):
                field = field._meta.get_field(part).related_model
            self.rows = model_admin.admin_site.get_model_admin(field).get_queryset(request)
            super().__init__(request, params, model, model_admin)

        def options(self, request: HttpRequest) -> Iterable[tuple[str, str]]:
            return [(str(row.pk), str(row)) for row in self.rows]

        def narrow(self, rows: QuerySet, value: str, request: HttpRequest) -> QuerySet:
            return rows.filter(**{lookup or name: value})

    return ChooseRelated


class Listing(ChangeList):
    """Django's list, which also knows that asking for a download is not a filter."""

    def get_filters_params(self, params: dict | None = None) -> dict:
        found = super().get_filters_params(params)
        found.pop(DOWNLOAD_VAR, None)
        return found


class SpanPaginator(Paginator):
    """Counts the rows and finds the first and last day among them, in one query."""

    span_of = ""

    @cached_property
    def span(self) -> dict[str, Any]:
        return self.object_list.order_by().aggregate(
            rows=Count("pk"), **({"first": Min(self.span_of), "last": Max(self.span_of)} if self.span_of else {})
        )

    @cached_property
    def count(self) -> int:
        return self.span["rows"]

    def page(self, number: Any) -> Page:
        """Return a page, whose keys are found first, in the index alone and from the nearer end of the list.

        So the last page takes no longer than the first, and nothing is worked out for rows that are not shown.
        """
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        stop = min(start + self.per_page, self.count)
        rows = self.object_list
        nearer_the_end = start > self.count - stop
        shown = rows.reverse()[self.count - stop : self.count - start] if nearer_the_end else rows[start:stop]
        return self._get_page(rows.filter(pk__in=shown.values("pk")), number, self)


@dataclass(frozen=True)
class Cell:
    """One value of a row, under its heading."""

    label: str
    text: Any
    url: str = ""
    is_number: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is a text that needs some width in a table."""
        return isinstance(self.text, str) and not hasattr(self.text, "__html__") and len(self.text) > 30


@dataclass(frozen=True)
class Rows:
    """A table as the template draws it."""

    heading: str
    labels: Sequence[Any]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""
    note: str = ""
    slug: str = ""


@dataclass(frozen=True)
class Facts:
    """Some fields of a record, under a heading."""

    heading: str
    cells: Sequence[Cell]
    is_strip: bool = False
    is_later: bool = False  # After the tables.
    slug: str = ""


@dataclass(frozen=True)
class Entry:
    """One field that was changed: what it said before and after, who changed it, when and why."""

    number: int
    at: datetime
    who: str
    why: str
    field: str
    before: Any = ""
    after: Any = ""
    url: str = ""
    record: str = ""
    record_url: str = ""


def in_words(value: Any, *, short: bool = False) -> Any:
    """Return a value as pages write it; "–" for nothing."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{long_date(value)} at {clock_time(value)}"
    if isinstance(value, date):
        return short_date(value) if short else long_date(value)
    return value


def in_text(value: Any) -> str:
    """Return what a cell says without its mark-up, for a download."""
    return unescape(strip_tags(value)).strip() if hasattr(value, "__html__") else str(value)


def _words(request: HttpRequest) -> str:
    """Return what is searched for, without the one character that PostgreSQL cannot take."""
    return request.GET.get(SEARCH_VAR, "").replace("\x00", "").strip()


def restricted_note(number: int, thing: str, things: str) -> str:
    """Return "2 restricted actions are not shown.", or nothing when all is shown."""
    if not number:
        return ""
    return f"{number:,} restricted {f'{thing} is' if number == 1 else f'{things} are'} not shown."


class _Shown:
    """What lists, records and tables have in common: only what the member may see, and only to look at."""

    model: type[models.Model]
    admin_site: Any
    opts: Any

    # Which rows are restricted: counted where some are left out.
    restricted: Q | None = None
    # What the columns point to, read with the rows.
    related: Sequence[str] = ()
    # What people call one row and several, and its fields, where these are not the model's own names.
    thing = ("", "")
    called: Mapping[str, str] = {}
    exclude: Sequence[str] = ()

    @property
    def one(self) -> str:
        return self.thing[0] or str(self.opts.verbose_name)

    @property
    def things(self) -> str:
        return self.thing[1] or str(self.opts.verbose_name_plural)

    def rows(self, member: Any) -> QuerySet:
        """Return the rows this person may see in the council they act in."""
        return self.model._default_manager.visible_to(member)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.rows(request.member).select_related(*self.related)

    def prepare(self, request: HttpRequest, rows: Iterable[Any]) -> list[Any]:
        """Return the rows of a page, with whatever their columns need that is not in the row."""
        return list(rows)

    def left_out(self, request: HttpRequest, **within: Any) -> int:
        """Return how many restricted rows this person is not shown; they are counted and never named."""
        member = request.member
        if self.restricted is None or member.sees_restricted:
            return 0
        everything = self.model._default_manager.within_reach_of(member).filter(self.restricted, **within)
        return everything.exclude(pk__in=self.rows(member).filter(self.restricted).values("pk")).count()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def is_shown_to(self, member: Any) -> bool:
        """Return whether this person is shown rows of this kind at all."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may enter the site may look; being a superuser adds nothing."""
        return self.admin_site.has_permission(request) and self.is_shown_to(request.member)

    def label(self, name: str) -> str:
        return self.called.get(name) or str(capfirst(label_for_field(name, self.model, self)))

    def cell(self, name: str, row: Any, *, short: bool = False, url: str = "") -> Cell:
        """Return one value of a row, by the name of a field or of a method here or on the row."""
        field, attribute, value = lookup_field(name, row, self)
        if field is not None:
            value, target = self._of_field(field, row, value)
            url = url or target
        return Cell(self.label(name), in_words(value, short=short), url, getattr(attribute, "is_number", False))

    def _of_field(self, field: Any, row: Any, value: Any) -> tuple[Any, str]:
        if field.name in SECRET or field.name in (self.exclude or ()):
            raise PermissionDenied
        if field.is_relation:
            return value, self._address_of(value) if isinstance(value, models.Model) else ""
        if field.flatchoices:
            return capfirst(dict(field.flatchoices).get(value, value)), ""
        return value, ""

    def _address_of(self, row: models.Model) -> str:
        """Return the address of a row's record on the site, or "" when the site has none."""
        if not self.admin_site.is_registered(type(row)):
            return ""
        return address(row._meta, "change", row.pk)


def address(opts: Any, page: str, *arguments: Any) -> str:
    """Return the address of a page of a model on the inspector site."""
    return reverse(f"inspect:{opts.app_label}_{opts.model_name}_{page}", args=arguments)


@dataclass(frozen=True)
class _Asking:
    """As much of a request as a history asks for, where a file is made and not a page."""

    member: Any


class GuardedTable(_Shown, admin.TabularInline):
    """Rows that belong to a record, as a table in its page."""

    extra = 0
    max_num = 0
    can_delete = False
    comes_first = False  # Straight under the facts, so that it is in view when the page opens.
    empty = "None."

    def table(self, request: HttpRequest, parent: models.Model) -> Rows:
        """Return the table of what belongs to a record, as far as this person may see it."""
        link = _get_foreign_key(type(parent), self.model, fk_name=self.fk_name).name
        found = self.prepare(request, self.get_queryset(request).filter(**{link: parent}))
        names = list(flatten(self.fields))
        opened = self.admin_site.is_registered(self.model)
        hidden = self.left_out(request, **{link: parent})
        return Rows(
            heading=capfirst(self.verbose_name_plural),
            labels=[self.label(name) for name in names],
            rows=[
                [
                    self.cell(name, row, short=True, url=self._address_of(row) if opened and place == 0 else "")
                    for place, name in enumerate(names)
                ]
                for row in found
            ],
            empty="" if found else self.empty,
            note=restricted_note(hidden, self.one, self.things),
            slug=slugify(self.verbose_name_plural),
        )


class GuardedHistoryAdmin(_Shown, SimpleHistoryAdmin):
    """The one parent of every class on the inspector site.

    Django's views that change, and simple-history's, which show and rewrite what `get_queryset` hides, are
    all replaced: what is left are four pages that ask for the rows `visible_to` the member, and nothing else.
    """

    place = 100  # Where it stands in the plan, on the home page.
    group = "Other"
    heading = ""
    way_in = ""  # What a link from the top of the home page says.
    way_in_to_changes = ""
    is_found_by_reference = False  # "3.4" typed on the home page goes straight to the record.
    sees_history = True

    list_per_page = ROWS
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_filter: Sequence[type[Choose]] = ()
    actions = None
    list_editable = ()
    view_on_site = False

    def __str__(self) -> str:
        return self.heading or str(capfirst(self.things))

    # Where things are

    @property
    def list_url(self) -> str:
        return address(self.opts, "changelist")

    @property
    def changes_url(self) -> str:
        return address(self.opts, "changes") if self.has_history else ""

    @property
    def has_history(self) -> bool:
        return self.sees_history and hasattr(self.model._meta, "simple_history_manager_attribute")

    def get_urls(self) -> list[Any]:
        """Return the pages that read. There is none that adds, changes, deletes, completes or restores."""
        look = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        urls = [path("", look(self.changelist_view), name=f"{name}_changelist")]
        if self.has_history:
            urls += [
                path("changes/", look(self.changes_view), name=f"{name}_changes"),
                path("<str:object_id>/history/", look(self.history_view), name=f"{name}_history"),
                path(
                    "<str:object_id>/history/<str:version_id>/",
                    look(self.history_form_view),
                    name=f"{name}_simple_history",
                ),
            ]
        return [*urls, path("<str:object_id>/change/", look(self.change_view), name=f"{name}_change")]

    # What may be done: look

    def get_actions(self, request: HttpRequest) -> dict:
        return {}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters the page has: `?owner__password__startswith=` and its like are refused."""
        offered = {choose.parameter_name for choose in self.list_filter}
        return lookup in offered | {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}

    def _look(self, request: HttpRequest, object_id: str) -> models.Model:
        """Return the record, or answer 404 as for one that does not exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        return self.prepare(request, [record])[0]

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        home = {"label": self.admin_site.index_title, "url": reverse("inspect:index")}
        crumbs = [home, *context.pop("crumbs", [])]
        return TemplateResponse(request, template, {"title": title, "shown": self, "crumbs": crumbs, **context})

    def _crumbs(self, record: models.Model | None = None) -> list[dict[str, str]]:
        crumbs = [{"label": str(self), "url": self.list_url}]
        if record is not None:
            crumbs.append({"label": self.short_name(record), "url": address(self.opts, "change", record.pk)})
        return crumbs

    def short_name(self, record: Any) -> str:
        """Return what a record is called in a line of links."""
        return str(record)

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listing

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> SpanPaginator:
        paginator = SpanPaginator(queryset, per_page, orphans, allow_empty_first_page)
        paginator.span_of = self.date_hierarchy or ""
        return paginator

    def by_reference(self, request: HttpRequest, words: str) -> models.Model | None:
        """Return the one record whose reference was typed, if there is exactly one."""
        found = list(self.get_queryset(request).filter(reference=words)[:2]) if self.is_found_by_reference else []
        return found[0] if len(found) == 1 else None

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Show the list, filtered, sorted and in pages; or all that the filters leave, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = _words(request)
        if words and set(request.GET) == {SEARCH_VAR} and (record := self.by_reference(request, words)):
            return HttpResponseRedirect(address(self.opts, "change", record.pk))
        try:
            found = self.get_changelist_instance(request)
        except (IncorrectLookupParameters, ValueError, OverflowError):
            return HttpResponseRedirect(request.path)
        if request.GET.get(DOWNLOAD_VAR) == "csv":
            return self._download(request, found)
        rows = self.prepare(request, found.result_list)
        first = (found.page_num - 1) * ROWS + 1
        pages = found.paginator.num_pages
        return self._page(
            request,
            "admin/change_list.html",
            str(self),
            table=Rows(
                heading=str(self),
                labels=self._headings(found),
                rows=[self._list_row(row) for row in rows],
            ),
            count=count_of(found.result_count, f"{self.one},{self.things}"),
            showing=(first, first + len(rows) - 1) if pages > 1 else None,
            note=restricted_note(self.left_out(request), self.one, self.things),
            words=found.query,
            carried=[(name, value) for name, value in found.params.items() if self._is_carried(name)],
            filters=found.filter_specs,
            chips=self._chips(found),
            drill=self._drill(found),
            pages=pages_for(found.page_num, pages, lambda number: found.get_query_string({PAGE_VAR: number})),
            download_url=found.get_query_string({DOWNLOAD_VAR: "csv"}, [PAGE_VAR]),
        )

    def _is_carried(self, name: str) -> bool:
        """Whether a part of the address is kept when other filters are applied: the sort, and the year and month."""
        return name == ORDER_VAR or (bool(self.date_hierarchy) and name.startswith(f"{self.date_hierarchy}__"))

    def _headings(self, found: ChangeList) -> list[dict[str, Any]]:
        """Return Django's headings, which know how to sort, with our names of the fields."""
        headings = zip(result_headers(found), self.list_display, strict=True)
        return [{**heading, "text": self.label(name)} for heading, name in headings]

    def _list_row(self, row: Any) -> list[Cell]:
        target = address(self.opts, "change", row.pk)
        links = self.list_display_links or self.list_display[:1]
        return [self.cell(name, row, short=True, url=target if name in links else "") for name in self.list_display]

    def _chips(self, found: ChangeList) -> list[dict[str, str]]:
        chips = [
            {
                "label": f"{chosen.title}: {dict(chosen.lookup_choices)[chosen.value()]}",
                "url": found.get_query_string(remove=[chosen.parameter_name]),
            }
            for chosen in found.filter_specs
            if chosen.value() in dict(chosen.lookup_choices)
        ]
        if found.query:
            chips.append({"label": f"“{found.query}”", "url": found.get_query_string(remove=[SEARCH_VAR])})
        if day := self._drilled_to(found):
            label = f"{self.label(self.date_hierarchy)}: {day}"
            chips.append({"label": label, "url": found.get_query_string(remove=[f"{self.date_hierarchy}__"])})
        return chips

    def _drilled_to(self, found: ChangeList) -> str:
        year, month = (found.params.get(f"{self.date_hierarchy}__{part}") for part in ("year", "month"))
        if not self.date_hierarchy or not year:
            return ""
        return f"{date(int(year), int(month), 1):%B %Y}" if month else year

    def _drill(self, found: ChangeList) -> dict[str, Any] | None:
        """Return the years of the list's days, or the months of the year chosen, each with its address."""
        name = self.date_hierarchy
        if not name:
            return None
        span = found.paginator.span
        first, last = span["first"], span["last"]
        if first is None or f"{name}__month" in found.params:
            return None
        if f"{name}__year" in found.params:
            steps = [
                (f"{date(first.year, month, 1):%B}", {f"{name}__year": first.year, f"{name}__month": month})
                for month in range(first.month, last.month + 1)
            ]
        else:
            steps = [(str(year), {f"{name}__year": year}) for year in range(first.year, last.year + 1)]
        return {
            "heading": self.label(name),
            "steps": [(text, found.get_query_string(change, [PAGE_VAR])) for text, change in steps],
        }

    def _download(self, request: HttpRequest, found: ChangeList) -> HttpResponse:
        """Answer with every row the filters leave, in the columns of the list."""
        council = getattr(request.member.authority, "slug", "council")
        rows = (
            [in_text(self.cell(name, row, short=True).text) for name in self.list_display]
            for row in self._in_batches(request, found.queryset)
        )
        name = f"{council}-{slugify(self.things)}.csv"
        return csv_download(name, [self.label(column) for column in self.list_display], rows)

    def _in_batches(self, request: HttpRequest, queryset: QuerySet) -> Iterator[Any]:
        rows = queryset.iterator(BATCH)
        while batch := list(islice(rows, BATCH)):
            yield from self.prepare(request, batch)

    # The record

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Show one record: its facts, and what belongs to it as tables."""
        record = self._look(request, object_id)
        tables = [inline for inline in self.get_inline_instances(request, record) if isinstance(inline, GuardedTable)]
        facts = self._facts(request, record)
        return self._page(
            request,
            "admin/change_form.html",
            str(record),
            crumbs=self._crumbs(),
            here=self.short_name(record),
            caption=capfirst(self.one),
            strip=[group for group in facts if group.is_strip],
            facts=[group for group in facts if not group.is_strip and not group.is_later],
            later_facts=[group for group in facts if group.is_later],
            first_tables=[table.table(request, record) for table in tables if table.comes_first],
            tables=[table.table(request, record) for table in tables if not table.comes_first],
            history_url=address(self.opts, "history", record.pk) if self.has_history else "",
            record=record,
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Return the fields named, else all that are not secret."""
        if self.fields:
            return self.fields
        left_out = {*SECRET, *(self.exclude or ()), self.opts.pk.name, "authority"}
        return [field.name for field in self.opts.fields if field.name not in left_out]

    def _facts(self, request: HttpRequest, record: Any) -> list[Facts]:
        return [
            Facts(
                heading=heading or "",
                cells=[self.cell(name, record) for name in flatten(options["fields"])],
                is_strip="strip" in options.get("classes", ()),
                is_later="later" in options.get("classes", ()),
                slug=slugify(heading or "facts"),
            )
            for heading, options in self.get_fieldsets(request, record)
        ]

    # The history

    def versions(self, request: HttpRequest, shown: QuerySet) -> QuerySet:
        """Return the history rows of the records shown, newest first, less those written while a record was
        restricted that no longer is. Newest is by sequence: a clock can go back.
        """
        rows = history_of(self.model)._default_manager.filter(
            **{f"{self.opts.pk.name}__in": shown.order_by().values("pk")}
        )
        if self._has_restricted_versions(request):
            closed = shown.filter(is_restricted=True).order_by().values("pk")
            rows = rows.filter(Q(is_restricted=False) | Q(**{f"{self.opts.pk.name}__in": closed}))
        return rows.order_by("-history_id")

    def _has_restricted_versions(self, request: HttpRequest) -> bool:
        try:
            self.opts.get_field("is_restricted")
        except FieldDoesNotExist:
            return False
        return not request.member.sees_restricted

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """Show what was changed in a record: field, before, after, reason, who and when, newest first."""
        record = self._look(request, object_id)
        versions = self.versions(request, self.rows(request.member).filter(pk=record.pk))
        paginator = Paginator(versions, ROWS)
        page = paginator.get_page(request.GET.get(PAGE_VAR))
        written = history_of(self.model)._default_manager.filter(**{self.opts.pk.name: record.pk})
        left_out = written.count() - paginator.count if self._has_restricted_versions(request) else 0
        return self._page(
            request,
            "admin/object_history.html",
            f"History: {record}",
            crumbs=self._crumbs(record),
            here="History",
            entries=self._entries(request, page.object_list, versions),
            note=f"{count_of(left_out, 'entry,entries')} of when it was restricted not shown." if left_out else "",
            pages=pages_for(page.number, paginator.num_pages, lambda number: f"?{PAGE_VAR}={number}"),
            record=record,
        )

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Show a record as it stood after one change."""
        record = self._look(request, object_id)
        versions = self.versions(request, self.rows(request.member).filter(pk=record.pk))
        version = versions.filter(pk=int(version_id)).first() if version_id.isdecimal() else None
        if version is None:
            raise Http404
        names = self._names(request, [version])
        return self._page(
            request,
            "admin/object_version.html",
            f"{record}, as it was",
            crumbs=self._crumbs(record),
            here=f"Record {version.history_id}",
            version=version,
            why=version.history_change_reason or "",
            facts=[
                Facts("", [Cell(self._named(field), self._was(field, version, names)) for field in self._tracked()])
            ],
            history_url=address(self.opts, "history", record.pk),
        )

    def changes_view(self, request: HttpRequest) -> HttpResponse:
        """Show every change to every record this person may see, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        versions = self.versions(request, self.rows(request.member))
        words = _words(request)
        if words:
            versions = versions.filter(Q(actor__icontains=words) | Q(history_change_reason__icontains=words))
        page = request.GET.get(PAGE_VAR, "")
        number = min(int(page), 100_000) if page.isdecimal() and int(page) else 1
        found = list(versions[(number - 1) * ROWS : number * ROWS + 1])
        records = self.get_queryset(request).in_bulk({getattr(row, self.opts.pk.name) for row in found[:ROWS]})
        kept = {SEARCH_VAR: words} if words else {}
        return self._page(
            request,
            "admin/changes.html",
            f"Every change to {self.things}",
            crumbs=self._crumbs(),
            here="Every change",
            entries=self._entries(request, found[:ROWS], self.versions(request, self.rows(request.member)), records),
            note=restricted_note(self.left_out(request), self.one, self.things),
            words=words,
            pages={
                "previous_url": f"?{urlencode({**kept, PAGE_VAR: number - 1})}" if number > 1 else "",
                "next_url": f"?{urlencode({**kept, PAGE_VAR: number + 1})}" if len(found) > ROWS else "",
            },
            number=number,
        )

    def extract(self, member: Any, shown: QuerySet) -> Iterator[Entry]:
        """Yield every change to some records, newest first, as far as the person may see them."""
        asking = _Asking(member)
        seen = self.rows(member).filter(pk__in=shown.order_by().values("pk"))
        versions = self.versions(asking, seen)
        start = 0
        while batch := list(versions[start : start + BATCH]):
            records = seen.select_related(*self.related).in_bulk({getattr(row, self.opts.pk.name) for row in batch})
            yield from self._entries(asking, batch, versions, records)
            start += BATCH

    def _tracked(self) -> list[models.Field]:
        """Return the fields whose history is shown."""
        kept = {field.name for field in history_of(self.model)._meta.concrete_fields}
        left_out = {*SECRET, *(self.exclude or ()), self.opts.pk.name, "authority"}
        return [field for field in self.opts.concrete_fields if field.name in kept and field.name not in left_out]

    def _named(self, field: models.Field) -> str:
        return self.called.get(field.name) or capfirst(str(field.verbose_name))

    def _entries(
        self,
        request: HttpRequest,
        page: Iterable[Any],
        versions: QuerySet,
        records: dict[Any, Any] | None = None,
    ) -> list[Entry]:
        """Return one entry for each field changed by each of the versions of a page."""
        key = self.opts.pk.name
        page = list(page)
        log = history_of(self.model)._default_manager
        older = versions.filter(**{key: OuterRef(key)}, history_id__lt=OuterRef("history_id")).values("history_id")
        shown = log.filter(pk__in=[version.pk for version in page]).annotate(before=Subquery(older[:1]))
        before_each = dict(shown.values_list("history_id", "before"))
        earlier = log.in_bulk({pk for pk in before_each.values() if pk})
        names = self._names(request, [*page, *earlier.values()])
        entries: list[Entry] = []
        for version in page:
            previous = earlier.get(before_each[version.history_id])
            record = records.get(getattr(version, key)) if records is not None else None
            base = {
                "number": version.history_id,
                "at": version.history_date,
                "who": version.actor,
                "why": version.history_change_reason or "",
                "url": address(self.opts, "simple_history", getattr(version, key), version.history_id),
                "record": self.short_name(record) if record is not None else "",
                "record_url": address(self.opts, "change", record.pk) if record is not None else "",
            }
            changed = [
                Entry(
                    **base,
                    field=self._named(field),
                    before=self._was(field, previous, names),
                    after=self._was(field, version, names),
                )
                for field in self._tracked()
                if previous is not None and getattr(previous, field.attname) != getattr(version, field.attname)
            ]
            what = "Added" if previous is None else "Saved, nothing shown here changed"
            entries += changed or [Entry(**base, field=what)]
        return entries

    def _names(self, request: HttpRequest, versions: Sequence[Any]) -> dict[type, dict[Any, str]]:
        """Return the names of all that the versions point to: one query for each kind of thing."""
        wanted: dict[type, set[Any]] = {}
        for field in self._tracked():
            if field.is_relation:
                found = {getattr(version, field.attname) for version in versions} - {None}
                wanted.setdefault(field.related_model, set()).update(found)
        names = {}
        for model, keys in wanted.items():
            manager = model._default_manager
            rows = manager.visible_to(request.member) if hasattr(manager, "visible_to") else manager.all()
            names[model] = {pk: str(row) for pk, row in rows.in_bulk(keys).items()} if keys else {}
        return names

    def _was(self, field: models.Field, version: Any, names: dict[type, dict[Any, str]]) -> Any:
        value = getattr(version, field.attname)
        if field.is_relation:
            return NOTHING if value is None else names[field.related_model].get(value, "Not shown")
        if field.flatchoices:
            return in_words(capfirst(dict(field.flatchoices).get(value, value)))
        return in_words(value)
