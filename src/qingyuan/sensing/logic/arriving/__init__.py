"""What comes out of a connection: frames, and runs of frames that are read together."""
