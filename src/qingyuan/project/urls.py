"""All addresses: the pages, Django's administration for administrators, and the SensorThings API for programs."""

from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy

admin.site.site_header = admin.site.site_title = gettext_lazy("Qingyuan settings")
admin.site.index_title = gettext_lazy("What a bureau decides")

urlpatterns = [
    path("admin/", admin.site.urls),
    path("sta/v1.1", include("qingyuan.showing.sta.urls")),
    path("", include("qingyuan.showing.urls")),
]
