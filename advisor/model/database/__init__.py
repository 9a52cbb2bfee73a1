"""What is known of a database: its workload, plans and upkeep, and the advice about its indexes."""
