"""Records of other departments into the database: typed, matched to enterprises, merged with what was known."""
