"""Identifiers: what each may look like, which digit checks it, and what a failure means.

Every module offers the same verbs for one value (`compact`, `check`, `is_valid`, `calc_check_digit`) and the
same rules as polars expressions for a whole column. An expression yields null where it can't say (the value is null,
or too malformed for this rule: another rule reports that), so no fault is reported twice.
"""
