"""The product's URLs and the reference view beside them."""

from django.urls import path

from benchmarks.support.reference import Reference, plain
from config.urls import urlpatterns as product

urlpatterns = [
    path("v1/reference/<str:pcid>", Reference.as_view()),
    path("pki/plain", plain),
    *product,
]
