"""Stage 6, rules: all of them, in the order of their codes.

The tuple is explicit, so that a rule that is missing is an error and not silence.
"""

from __future__ import annotations

from mlhazards.rule import Rule
from mlhazards.rules.iterators import mlh301_generator_return_lost, mlh302_loop_over_result_itself

RULES: tuple[Rule, ...] = (
    mlh301_generator_return_lost.RULE,
    mlh302_loop_over_result_itself.RULE,
)
