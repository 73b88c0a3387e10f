"""An evaluation as people read it."""

from recommend.figures import Cost, Estimate, Evaluation, Figures, NewItems, NewUsers
from recommend.report import COLUMNS, NEW, lines

SOME = Estimate(0.08123, 0.0777, 0.0851)
WRITTEN = "0.0812 (0.078-0.085)"


def test_the_table() -> None:
    model = Figures("model", SOME, SOME, None, 0.25, 10.126, 50, NewUsers(2, SOME, None), NewItems(5, 3, None, SOME))
    other = Figures("popularity", None, None, None, None, None, 0, NewUsers(0, None, None), NewItems(0, 0, None, None))
    found = Evaluation(1_234, 56, 78, 9, 7, [model, other], {"model": Cost(12.345, 1_017)})
    assert list(lines(found)) == [
        "1,234 rows before, 56 after, 78 users, 9 items; 7 users judged",
        "",
        COLUMNS.format("", "NDCG@10", "recall@20", "gAUC", "coverage", "novelty", "served"),
        COLUMNS.format("model", WRITTEN, WRITTEN, "-", "0.250", "10.13", "50"),
        COLUMNS.format("popularity", *"-----", "0"),
        "",
        "2 of the judged users are new, and 5 items (20 rows or fewer)",
        NEW.format("", "users: NDCG@10", "users: recall@20", "items: recall@20", "items: order"),
        NEW.format("model", WRITTEN, "-", "-", WRITTEN),
        NEW.format("popularity", *"----"),
        "",
        "model: 12.3 s of processor time, 1,017 MiB at most",
    ]
