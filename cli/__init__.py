"""The `ashar` command: every act of every role, for people and (with --json) for machines."""
