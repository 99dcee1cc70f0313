"""What ``python -m isoaux`` does: a module for each command, whose ``execute`` returns the exit status."""
