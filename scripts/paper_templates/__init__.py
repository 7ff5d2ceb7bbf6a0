"""First wording of the templates in `documents/templates`, one module per group of papers."""
