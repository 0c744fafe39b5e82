"""Importing a file of readers: take it in, stage it, merge it; see the modules."""

from lists.services.imports.intake import FileTooLargeError, create_import
from lists.services.imports.running import run_import, unfinished_imports

__all__ = ["FileTooLargeError", "create_import", "run_import", "unfinished_imports"]
