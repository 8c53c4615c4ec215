"""How bytes travel other than by request and answer: folders. Stores nothing, understands nothing."""
