"""Speaking to a gateway over real sockets, as devices do."""
