from django.http import HttpResponse


def people(request, **kw):
    return HttpResponse("soon")
