from django.http import HttpResponse


def recommendation(request, inspection, reference):
    return HttpResponse("soon")
