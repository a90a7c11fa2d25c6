"""Which places of which data set tables serve a rule."""
