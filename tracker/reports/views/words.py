from django.http import HttpResponse


def status_words(request, **kw):
    return HttpResponse("soon")
