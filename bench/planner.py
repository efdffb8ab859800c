"""Measure the planner against simpler ways, or let it plan a case from a file; see README.md.

    python bench/planner.py
    python bench/planner.py --instance FILE.json --seconds 1 --seed 7

Needs neither a database nor settings.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.planner_cases import BadFile, generate, read, remarks
from bench.planner_rivals import plain_greedy, popularity_cut
from sessions.scheduling import solver

CASES = ((32, 4, 8, 120), (60, 6, 10, 250), (120, 10, 12, 500))
SEEDS = 3  # instances of each size
PART = 0.85  # of the seconds; the rest is for printing the plan and ending, on a busy machine too
LONGEST = 3_600.0


def table(seconds: float, seed: int) -> None:
    """Means of some instances of each size, all ways one after the other in this one run."""
    print(
        f"{'sessions':>8} {'rooms':>5} {'slots':>5} {'people':>6}  {'way':<16} {'reach':>7} seconds"
    )
    for case in CASES:
        instances = [generate(*case, seed=seed + number) for number in range(SEEDS)]
        for name, way in _ways(seconds, seed):
            begun = time.perf_counter()
            reach = sum(way(instance) for instance in instances) / SEEDS
            took = (time.perf_counter() - begun) / SEEDS
            sizes = "{:>8} {:>5} {:>5} {:>6}".format(*case)
            print(f"{sizes}  {name:<16} {reach:>7.2%} {took:7.3f}", flush=True)


def _ways(seconds: float, seed: int) -> Iterator[tuple[str, Callable[[solver.Instance], float]]]:
    yield "popularity cut", lambda case: solver.reach(case, popularity_cut(case))
    yield "random (of 20)", lambda case: solver.random_reach(case, seed=seed)
    yield "plain greedy", lambda case: solver.reach(case, plain_greedy(case))
    for limit in sorted({0.1, seconds}):
        yield (
            f"planner, {limit:g} s",
            lambda case, limit=limit: solver.plan(case, seed=seed, seconds=limit).score.reach,
        )


def plan_file(path: Path, seconds: float, seed: int) -> None:
    until = _begun() + seconds * PART
    instance = read(path)
    plan = solver.plan(instance, seed=seed, seconds=seconds, until=until)
    print(json.dumps({str(pk): [place.room, place.slot] for pk, place in plan.places.items()}))
    for remark in remarks(instance, plan):
        print(f"{path}: {remark}", file=sys.stderr)


def _begun() -> float:
    """When this process began, by the monotonic clock: loading Python is part of the seconds."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):  # no Linux
        age = 0.1
    return time.monotonic() - age


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST:
        raise argparse.ArgumentTypeError(f"between 0 and {LONGEST:g}")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instance", type=Path, help="a case as JSON; without it: the table")
    parser.add_argument("--seconds", type=_seconds, default=1.0, help="at most, for one plan")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.instance is None:
        table(given.seconds, given.seed)
        return 0
    try:
        plan_file(given.instance, given.seconds, given.seed)
    except BadFile as error:
        print(f"{given.instance}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
