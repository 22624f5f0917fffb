"""What is asked for when time passes: interest, monthly statements, reminders (R12, R16, R17)."""
