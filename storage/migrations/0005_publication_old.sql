-- Retention finds its bound by `publication_by_seq`, whose first rows are the oldest: this one only made writing dearer.
DROP INDEX publication_old;
