from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "qingyuan.sensing"
    label = "sensing"
