"""A student whose vectors all point one way is named, once it has had time to come out of it."""

import numpy as np
import pytest

from interlingua.training.validation import CollapseWatch


def test_a_lasting_collapse_is_named_and_a_passing_one_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    teacher = random.standard_normal((200, 16)).astype(np.float32)
    collapsed = (teacher * 0.1 + 5 * random.standard_normal(16)).astype(np.float32)
    healthy = teacher + 0.1
    for looks, said in (
        ([collapsed, collapsed, collapsed], 1),
        ([collapsed, collapsed, healthy], 0),
        ([healthy, collapsed, healthy, collapsed], 0),
    ):
        watch = CollapseWatch()
        found = [watch.look(student, teacher)["collapsed"] for student in looks]
        assert found == [student is collapsed for student in looks]
        assert (
            capsys.readouterr().err.count("collapse: any two texts have cosine 1.00 on average, the teacher's") == said
        )
