"""Names: every noun of the field, its shape and its table side by side. Imports nothing of Ashar's."""
