"""The HTTP API: who may send, what a request may hold, what every refusal says. Intake itself is the engine's."""
