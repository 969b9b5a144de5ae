"""`qingyuan manage …`: Django's own commands."""

import argparse

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="a Django command and its options")


def _run(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["qingyuan manage", *options.arguments])
    return 0


MANAGE = Command("Django's management commands, for example `migrate` or `createsuperuser`", _run, _options)
