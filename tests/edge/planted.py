"""What the simulated agencies plant, and what the hub may say of it."""

from __future__ import annotations

RULES = {
    "citizen_id_form": {"citizen_id.length"},
    "uscc_check": {"uscc.check_digit"},
    "length": {"uscc.length", "citizen_id.length"},
    "date": {"date.impossible"},
    "broken_line": {"too_few_fields", "too_many_fields", "open_quote", "encoding", "title_row", "footer_row"},
}
"""Why the truth calls a row bad → the rules by which the hub may refuse it."""
