"""The pure part: from a problem to a plan, and what can be said about it.

    plan = solve(problem)                                everybody's itinerary, with its proof
    plan = repair(problem, current, mode=Mode.GENTLE)    a plan fitted to what has changed
    changes(current, plan.itineraries)                   who is disturbed by it
    figures(problem, plan)                               what the hub reads
    explain(problem, plan.itineraries, attendee_id)      what one attendee reads

The libraries for flows and integer programmes are slow to import and are only imported where they are used.
"""

from app.allocation.solving.explaining import Claim, Explanation, Holder, InRound, Reason, WishOutcome, explain
from app.allocation.solving.fairness import Gap, Standing
from app.allocation.solving.figures import Figures, Idle, Slot, Unplaced, figures
from app.allocation.solving.first_come import first_come
from app.allocation.solving.plan import Changes, Method, Plan, Proof, changes
from app.allocation.solving.problem import Attendee, Id, InconsistentProblem, Itineraries, Options, Problem, Table
from app.allocation.solving.repairing import Mode, repair
from app.allocation.solving.solver import Progress, solve

__all__ = [
    "Attendee",
    "Changes",
    "Claim",
    "Explanation",
    "Figures",
    "Gap",
    "Holder",
    "Id",
    "Idle",
    "InRound",
    "InconsistentProblem",
    "Itineraries",
    "Method",
    "Mode",
    "Options",
    "Plan",
    "Problem",
    "Progress",
    "Proof",
    "Reason",
    "Slot",
    "Standing",
    "Table",
    "Unplaced",
    "WishOutcome",
    "changes",
    "explain",
    "figures",
    "first_come",
    "repair",
    "solve",
]
