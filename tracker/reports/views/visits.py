from django.http import HttpResponse


def placeholder(request, **kw):
    return HttpResponse("soon")


visits = visit = placeholder
