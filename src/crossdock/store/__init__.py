"""PostgreSQL: the embedded server, the schema with its migrations, and every SQL statement of the product."""
