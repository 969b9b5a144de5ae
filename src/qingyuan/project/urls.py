"""All addresses: the pages, Django's administration for administrators, and what programs speak to."""

from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy

from qingyuan.showing import http_api

admin.site.site_header = admin.site.site_title = gettext_lazy("Qingyuan settings")
admin.site.index_title = gettext_lazy("What a bureau decides")

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", http_api.urls()),
    path("sta/v1.1", include("qingyuan.showing.sta.urls")),
    path("", include("qingyuan.showing.urls")),
]
