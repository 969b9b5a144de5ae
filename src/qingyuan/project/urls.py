"""All addresses: the pages, and Django's administration for administrators."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("qingyuan.showing.urls")),
]
