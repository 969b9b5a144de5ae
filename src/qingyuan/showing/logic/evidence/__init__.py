"""A case as a bundle of evidence that can be checked on another machine."""
