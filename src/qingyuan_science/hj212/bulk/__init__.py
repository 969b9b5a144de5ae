"""Many packets at a time: what must be known of those that are alike, and the compiled loops that read them."""
