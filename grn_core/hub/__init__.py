"""Published checkpoints: where they are, getting and checking them, naming folders. Importing this stays torch-free."""

from grn_core.models.folders import FolderRecord, forget, registered

__all__ = ["FolderRecord", "forget", "registered"]
