"""A verifier for bundles of evidence that runs on any machine with Python."""
