"""A data folder belongs to one run at a time."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from qingyuan.project.folders import FolderInUse, claimed


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    waiting = Mock()
    with (
        claimed(tmp_path, waiting),
        pytest.raises(FolderInUse, match="expected none"),
        claimed(tmp_path, waiting, patience=0.0),
    ):
        pytest.fail("two runs hold one folder")
    waiting.assert_called_once_with()


def test_a_folder_is_free_again_when_its_run_has_ended(tmp_path: Path) -> None:
    waiting = Mock()
    for _ in range(2):
        with claimed(tmp_path, waiting):
            pass
    waiting.assert_not_called()
