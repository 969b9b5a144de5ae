"""Running the jobs that wait, in this process, until none is left."""

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from qingyuan.kit.delivery import deliver


def run_waiting_jobs(most: int = 500) -> int:
    """Deliver every waiting event to its handlers, oldest first; answers how many were delivered."""
    for count in range(most):
        job = ProcrastinateJob.objects.filter(status="todo", task_name=deliver.name).order_by("id").first()
        if job is None:
            return count
        app.tasks[job.task_name].func(**job.args)
        _finish(job.pk)
    raise AssertionError(f"the loop still has work after {most} jobs")


def _finish(job: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])
