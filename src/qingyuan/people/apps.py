from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "qingyuan.people"
    label = "people"
