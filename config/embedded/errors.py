"""What can go wrong with the embedded servers, in sentences for the person at the terminal."""


class EmbeddedServerError(Exception):
    """An embedded server cannot be started or reached; the message says why and what to do."""
