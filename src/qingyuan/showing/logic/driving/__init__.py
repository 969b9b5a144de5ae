"""What pages about drives of mobile monitors show, computed from positions and readings when they are opened."""
