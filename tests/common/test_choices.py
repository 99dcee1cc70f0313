"""Names of registries: found, or refused with the nearest one."""

import pytest

from isoaux.common.choices import choose

REGISTRY = {"tanh": 1, "isotanh": 2, "lrelu": None}


def test_a_name_is_what_it_stands_for():
    assert [choose("activation", name, REGISTRY) for name in REGISTRY] == [1, 2, None]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("tahn", "tanh"), ("isot", "isotanh"), ("isotan", "isotanh"), ("sigmoid", None), ("", None), (3, None)],
)
def test_the_nearest_name_is_offered(name, hint, refused):
    message = refused(
        [f"activation is {name!r}", "accepted: tanh, isotanh, lrelu"], choose, "activation", name, REGISTRY
    )
    assert message.partition("did you mean ")[2].partition("?")[0] == (repr(hint) if hint else "")


def test_no_name_is_looked_for_in_long_text(refused):
    assert "did you mean" not in refused(["..."], choose, "activation", "tanh" * 1000, REGISTRY)
