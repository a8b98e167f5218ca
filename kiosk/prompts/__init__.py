"""What the kiosk says: sentences become sound files, in the background, once for each sentence that is no secret."""
