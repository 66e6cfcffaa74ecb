"""Reading untrusted checkpoint files: tensors and dictionaries without executing anything."""
