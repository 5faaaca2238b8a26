"""All rules, in the order of their codes.

The tuple is explicit, so that a rule that is missing is an error and not silence.
"""

from __future__ import annotations

from mlhazards.rule import Rule
from mlhazards.rules.iterators import mlh301_generator_return_lost, mlh302_loop_over_result_itself
from mlhazards.rules.pickling import mlh201_view_on_attribute
from mlhazards.rules.shared_state import (
    mlh101_shared_iteration_race,
    mlh102_guard_bypassed_iteration,
    mlh104_resize_while_iterating,
    mlh105_process_wide_table_iteration,
    mlh107_callback_changes_its_list,
)

RULES: tuple[Rule, ...] = (
    mlh101_shared_iteration_race.RULE,
    mlh102_guard_bypassed_iteration.RULE,
    mlh104_resize_while_iterating.RULE,
    mlh105_process_wide_table_iteration.RULE,
    mlh107_callback_changes_its_list.RULE,
    mlh201_view_on_attribute.RULE,
    mlh301_generator_return_lost.RULE,
    mlh302_loop_over_result_itself.RULE,
)
