"""What was decided, reckoned again from a dossier and its rule packs (decision 0022)."""
