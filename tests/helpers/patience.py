"""How long a test waits before it fails: a guard against waiting for ever, long enough never to judge speed.

The limit of a whole test (``timeout`` in ``pyproject.toml``) is a little longer, so that the message is that of the
step that got no answer. A machine that is shared or slow changes nothing: no test takes a tenth of this on two cores.
"""

SECONDS = 1500
"""Until a process, a server, a kernel or a page has answered."""

MILLISECONDS = 1000 * SECONDS
"""The same for Playwright."""
