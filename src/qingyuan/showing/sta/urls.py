"""The address of the SensorThings API; what stands in it is read by `addresses.py`."""

from django.urls import re_path

from qingyuan.showing.sta.views import service

urlpatterns = [re_path(r"^(?:/(?P<path>.*))?$", service, name="sta")]
