"""The read-only site where inspectors look: reading is a property of the site, not of each class."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache

from tracker.audit.admin import GuardedHistoryAdmin, GuardedTable

READING = ("GET", "HEAD", "OPTIONS")


class NotGuarded(Exception):
    """A class that can write, or that could show another council's rows, was offered to the site."""


class WriteRefused(Exception):
    """A page of the site tried to write."""


class InspectorSite(AdminSite):
    """Django's admin with everything that writes left out.

    It has no sign-in, no password page and no forms of its own: people sign in and out on the product's
    pages, and what they may see comes from their membership of the council, superusers included.
    """

    index_title = "Inspector home"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: type | None = None, **options: Any) -> None:
        """Register models; only with a class that descends from `GuardedHistoryAdmin` and adds no way to write.

        Raises NotGuarded for any other.
        """
        if admin_class is None or not issubclass(admin_class, GuardedHistoryAdmin):
            raise NotGuarded("Models come onto the inspector site with a subclass of GuardedHistoryAdmin only.")
        if admin_class.actions or admin_class.list_editable or options:
            raise NotGuarded(f"{admin_class.__name__} has actions or fields to edit; the inspector site only reads.")
        for table in admin_class.inlines:
            if not issubclass(table, GuardedTable):
                raise NotGuarded(f"{admin_class.__name__}: {table.__name__} must be a GuardedTable.")
        super().register(model_or_iterable, admin_class)

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this person's roles in the council they act in let them look here."""
        member = getattr(request, "member", None)
        return member is not None and member.uses_inspector_site

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Let a view be read: any other method is answered 405, and the database refuses whatever it would write."""

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in READING:
                return HttpResponseNotAllowed(READING)
            if not self.has_permission(request):
                raise PermissionDenied
            if request.method == "OPTIONS":
                return HttpResponse(headers={"Allow": ", ".join(READING)})
            with only_reading():
                response = view(request, *args, **kwargs)
                if isinstance(response, TemplateResponse):
                    response.render()
            return response

        inner.only_reads = True
        return update_wrapper(never_cache(inner), view)

    def get_urls(self) -> list[Any]:
        """Return the home page and the pages of each model; nothing of Django's that writes or signs in."""
        return [
            path("", self.admin_view(self.index), name="index"),
            *(
                path(f"{model._meta.app_label}/{model._meta.model_name}/", include(model_admin.urls))
                for model, model_admin in self._registry.items()
            ),
            re_path(r"", self.admin_view(self.nothing_here)),
        ]

    def nothing_here(self, request: HttpRequest) -> HttpResponse:
        raise Http404

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show where to look: the search, the ways in, and every list in the plan's order."""
        admins = sorted(
            (a for a in self._registry.values() if a.has_view_permission(request)), key=lambda a: (a.place, str(a))
        )
        groups: dict[str, list[GuardedHistoryAdmin]] = {}
        for model_admin in admins:
            groups.setdefault(model_admin.group, []).append(model_admin)
        context = {
            "title": self.index_title,
            "finder": next((a for a in admins if a.is_found_by_reference), None),
            "ways_in": [
                *((a.way_in, a.list_url) for a in admins if a.way_in),
                *((a.way_in_to_changes, a.changes_url) for a in admins if a.way_in_to_changes),
            ],
            "groups": groups,
        }
        return TemplateResponse(request, "admin/index.html", context)


@contextmanager
def only_reading() -> Iterator[None]:
    """Refuse every statement but SELECT: a second wall behind the pages that have nothing that writes."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.lstrip(" (\n").upper().startswith("SELECT"):
            raise WriteRefused(f"The inspector site only reads, and this is not reading: {sql[:60]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


site = InspectorSite(name="inspect")
