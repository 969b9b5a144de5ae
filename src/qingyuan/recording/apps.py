from django.apps import AppConfig


class RecordingConfig(AppConfig):
    name = "qingyuan.recording"
    label = "recording"
