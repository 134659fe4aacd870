"""The one error a user is meant to read."""


class InputError(ValueError):
    """Something the user gave (a file, a table, a parameter) breaks a rule.

    The message names the place, the rule and the value; command-line programs print it
    alone, without a traceback, and exit with a code other than zero.
    """
