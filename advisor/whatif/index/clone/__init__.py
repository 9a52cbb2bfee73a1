"""An empty database with the schema, sizes and statistics of another, to plan on."""
