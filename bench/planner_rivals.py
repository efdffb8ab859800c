"""Other ways to fill a programme, which the planner has to beat."""

from collections.abc import Mapping

from sessions.scheduling.solver import Id, Instance, Place
from sessions.scheduling.solver.layout import lay_out
from sessions.scheduling.solver.planning import placed
from sessions.scheduling.solver.problem import compile_instance
from sessions.scheduling.solver.starts import greedily, openings, repair
from sessions.scheduling.solver.state import State


def popularity_cut(instance: Instance) -> Mapping[Id, Place]:
    """In the order of popularity, slot by slot: the most wanted ones end up beside each other."""
    state = _empty(instance)
    for session in sorted(state.movable, key=lambda s: -state.problem.demand[s]):
        if options := openings(state, session):
            state.swap(session, options[0])
    repair(state)
    return placed(state)


def plain_greedy(instance: Instance) -> Mapping[Id, Place]:
    """In the order of popularity, each where it wins most."""
    state = _empty(instance)
    greedily(state)
    return placed(state)


def _empty(instance: Instance) -> State:
    problem = compile_instance(instance)
    return State(problem, lay_out(problem))
