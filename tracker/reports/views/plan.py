from django.http import HttpResponse


def current_plan(request):
    return HttpResponse("soon")


def plan(request, plan):
    return HttpResponse("soon")


def actions(request):
    return HttpResponse("soon")
