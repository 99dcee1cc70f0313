"""Who did the work of several machines together."""

from isoaux.common import provenance

ONE = {"device": "cpu", "processor": "A, AVX2", "versions": {"torch": "2.9", "numpy": "2"}, "commit": "abc"}
OTHER = {
    "device": "NVIDIA H200",
    "processor": "B",
    "versions": {"torch": "2.10", "numpy": "2", "scipy": "1"},
    "commit": "abd",
}


def test_every_machine_is_named_once():
    both = provenance.together([ONE, OTHER, ONE])
    assert both == {
        "device": "cpu, NVIDIA H200",
        "processor": "A, AVX2; B",
        "versions": {"torch": "2.9; 2.10", "numpy": "2", "scipy": "1"},
        "commit": "abc, abd",
    }
    assert provenance.together([both, OTHER]) == both and provenance.together([ONE]) == ONE
    assert provenance.together([{"device": "cpu"}])["processor"] == "unknown"


def test_several_machines_are_told_from_one():
    assert not provenance.are_several(ONE) and not provenance.are_several(ONE | {"commit": "abc, abd"})
    for name in ("device", "processor", "versions"):
        assert provenance.are_several(provenance.together([ONE, ONE | {name: OTHER[name]}]))
