"""Routes; OPCP has none for long work."""

from django.urls import URLPattern, path

from apps.jobs.api import views

urlpatterns: list[URLPattern] = [
    path("v1/jobs", views.Jobs.as_view()),
    path("v1/jobs/<str:job_id>", views.JobById.as_view()),
    path("v1/jobs/<str:job_id>/cancel", views.Cancelling.as_view()),
]
