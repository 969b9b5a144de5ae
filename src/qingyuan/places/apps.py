from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "qingyuan.places"
    label = "places"
