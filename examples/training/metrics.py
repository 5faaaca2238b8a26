"""What is measured."""


class MetricConfig:
    """Which classes are evaluated, and how far away; sent to each worker process."""

    def __init__(self, class_range: dict[str, int], min_recall: float) -> None:
        self.class_range = class_range
        self.min_recall = min_recall
        self.class_names = self.class_range.keys()

    def describe(self) -> str:
        """Return one line for each class."""
        return "\n".join(f"{name}: {self.class_range[name]} m" for name in self.class_names)
