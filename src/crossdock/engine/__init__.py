"""What moves: intake, settling, wake-ups and replay. Knows no event type, partner or system by name."""
