"""The steps from an empty database to today's schema, run by `crossdock.store.migrate`."""
