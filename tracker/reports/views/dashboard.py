from django.http import HttpResponse


def dashboard(request, **kw):
    return HttpResponse("soon")
