"""Effects that must happen: written down with the fact that causes them, claimed and done by the worker."""
