"""Laws are tried on many inputs; how long one trial takes says nothing on a shared machine."""

from hypothesis import settings

settings.register_profile("rules", deadline=None, max_examples=60)
settings.load_profile("rules")
