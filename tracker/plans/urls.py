from django.urls import path

from tracker.plans import views

app_name = "plans"

urlpatterns = [
    path("plans/new/", views.new_plan, name="new"),
    path("plans/<slug:plan>/edit/", views.change_plan, name="change"),
    path("plans/<slug:plan>/priorities/new/", views.new_priority, name="new-priority"),
    path("plans/<slug:plan>/priorities/<int:number>/edit/", views.change_priority, name="change-priority"),
    path("plans/<slug:plan>/criticisms/", views.criticisms, name="criticisms"),
    path("plans/<slug:plan>/criticisms/new/", views.new_criticism, name="new-criticism"),
    path("plans/<slug:plan>/criticisms/<int:number>/", views.criticism, name="criticism"),
    path("plans/<slug:plan>/criticisms/<int:number>/respond/", views.respond_to_criticism, name="respond"),
    path("plans/<slug:plan>/criticisms/<int:number>/close/", views.close_criticism, name="close"),
]
