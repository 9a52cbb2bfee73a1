"""What the database knows of the tables that a workload touches."""
