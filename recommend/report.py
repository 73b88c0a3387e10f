"""An evaluation as a table for people."""

from collections.abc import Iterator

from recommend.figures import Estimate, Evaluation, Figures
from recommend.metrics import AT_NDCG, AT_RECALL

NONE = "-"
COLUMNS = "{:18} {:>21} {:>21} {:>21} {:>8} {:>7} {:>7}"
NEW_MEANS = "20 rows or fewer"
NEW = "{:18} {:>21} {:>21} {:>21} {:>21}"


def lines(found: Evaluation) -> Iterator[str]:
    """What was judged, a line for each model, the new ones apart, the cost."""
    known = f"{found.rows:,} rows before, {found.test_rows:,} after, {found.users:,} users, {found.items:,} items"
    yield f"{known}; {found.judged:,} users judged"
    yield ""
    names = (f"NDCG@{AT_NDCG}", f"recall@{AT_RECALL}", "gAUC", "coverage", "novelty", "served")
    yield COLUMNS.format("", *names)
    yield from (_whole(figures) for figures in found.models)
    yield ""
    users, items = (found.models[0].new_users.users, found.models[0].new_items.items) if found.models else (0, 0)
    yield f"{users:,} of the judged users are new, and {items:,} items ({NEW_MEANS})"
    yield NEW.format("", *(f"users: {name}" for name in names[:2]), f"items: recall@{AT_RECALL}", "items: order")
    yield from (_of_new(figures) for figures in found.models)
    yield ""
    for name, cost in found.cost.items():
        yield f"{name}: {cost.cpu_seconds:.1f} s of processor time, {cost.peak_mib:,} MiB at most"


def _whole(figures: Figures) -> str:
    return COLUMNS.format(
        figures.name,
        _estimate(figures.ndcg),
        _estimate(figures.recall),
        _estimate(figures.gauc),
        _number(figures.coverage, ".3f"),
        _number(figures.novelty, ".2f"),
        f"{figures.served:,}",
    ).rstrip()


def _of_new(figures: Figures) -> str:
    users, items = figures.new_users, figures.new_items
    return NEW.format(figures.name, *map(_estimate, (users.ndcg, users.recall, items.recall, items.order))).rstrip()


def _estimate(estimate: Estimate | None) -> str:
    return f"{estimate.value:.4f} ({estimate.low:.3f}-{estimate.high:.3f})" if estimate else NONE


def _number(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)
