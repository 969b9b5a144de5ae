"""Lists in bulk: deliveries typed, matched by how they write enterprises, merged month by month, kept in shape."""
