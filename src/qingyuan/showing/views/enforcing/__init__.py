"""Pages of enforcement: violations, compliance, levels of control."""
