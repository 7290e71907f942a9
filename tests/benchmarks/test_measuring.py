"""What the benchmark scripts share."""

from pathlib import Path

from benchmarks import measuring


def test_ways_take_turns_and_warm_up_is_not_counted() -> None:
    order: list[str] = []
    rounds: list[int] = []

    def way(name: str) -> dict[str, float]:
        order.append(name)
        return {"seconds": float(len(order))}

    ways = {name: lambda name=name: way(name) for name in "ab"}
    found = measuring.in_turns(ways, 2, warm_up=1, after=lambda runs: rounds.append(len(runs["b"])))
    assert "".join(order) == "ababab"
    assert rounds == [1, 2]
    assert found == {"a": [{"seconds": 3.0}, {"seconds": 5.0}], "b": [{"seconds": 4.0}, {"seconds": 6.0}]}
    middle = {name: measuring.medians(runs) for name, runs in found.items()}
    assert measuring.ratios(middle["b"], middle["a"]) == {"seconds": 1.25}
    assert measuring.ratios({"cpu": 1.0}, {"cpu": 0.0}) == {}


def test_results_are_added_to_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "new" / "result.json"
    result = measuring.known(file, recipes={}) | measuring.about("speed/some.py", threads=1)
    measuring.write(file, result)
    assert measuring.known(file)["command"] == "python benchmarks/speed/some.py"
    assert measuring.known(file)["machine"]["threads"] == 1
    assert measuring.known(file)["recipes"] == {}
    assert [each.name for each in file.parent.iterdir()] == ["result.json"]


def test_a_process_is_measured_by_itself() -> None:
    figures = measuring.process(["true"])
    assert set(figures) == {"wall_seconds", "cpu_seconds", "peak_megabytes"}
    assert figures["peak_megabytes"] > 0
