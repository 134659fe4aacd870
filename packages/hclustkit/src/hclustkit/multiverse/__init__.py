"""Every reasonable analysis at once: a grid of specifications, clustered and compared.

    grid = Grid.from_data(frame)          # what varies, read from the data
    result = run(grid, frame, reference)  # every specification, compared with a reference
    result.exact(), result.recovery(), result.consensus()
    permutation_test(result), variance_shares(result)
    noise_survival(table), leave_out(table, reference)
    plan(grid, frame, reference, noise_draws=300), run_noise(grid, frame, reference, ...)

The modules, each on top of those before it: ``grid`` (declare, count, enumerate), ``parallel``
(chunks), ``engine`` (``run``), then ``permutation`` with ``contiguous``, ``shares``, ``noise``,
``leave``, ``plan``.
"""

from hclustkit.kinds import explain_type_errors
from hclustkit.multiverse.contiguous import contiguous_partitions
from hclustkit.multiverse.engine import Result, run
from hclustkit.multiverse.grid import Design, Grid, count_choices, prepare
from hclustkit.multiverse.leave import leave_out
from hclustkit.multiverse.noise import NoiseSurvival, noise_survival, run_noise
from hclustkit.multiverse.permutation import PermutationTest, permutation_test
from hclustkit.multiverse.plan import Plan, plan
from hclustkit.multiverse.shares import variance_shares

__all__ = [
    "Design",
    "Grid",
    "NoiseSurvival",
    "PermutationTest",
    "Plan",
    "Result",
    "contiguous_partitions",
    "count_choices",
    "leave_out",
    "noise_survival",
    "permutation_test",
    "plan",
    "prepare",
    "run",
    "run_noise",
    "variance_shares",
]

explain_type_errors(globals(), __all__)
