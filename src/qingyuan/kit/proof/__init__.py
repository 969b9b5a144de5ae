"""The log as a tree: heads, proofs, checks, and heads kept elsewhere."""
