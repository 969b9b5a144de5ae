"""An administrator sees the worker's jobs, and tries again what failed."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from qingyuan.kit.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:kit_job_changelist"


def entered(status: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, attempts)"
            " VALUES ('clock', 'kit.send_anchors', 0, '{\"timestamp\": 1}', %s, 1) RETURNING id",
            [status],
        )
        return int(cursor.fetchone()[0])


def test_a_failed_job_is_tried_again(cast: Any) -> None:
    failed, done = entered("failed"), entered("succeeded")
    page = Client()
    page.force_login(cast.administrator)
    listed = page.get(reverse(LIST), {"status": "failed"}).content.decode()
    assert "kit.send_anchors" in listed
    page.post(reverse(LIST), {"action": "retry", "_selected_action": [failed, done]})
    assert dict(Job.objects.filter(pk__in=[failed, done]).values_list("pk", "status")) == {
        failed: "todo",
        done: "succeeded",
    }
