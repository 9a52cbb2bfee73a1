"""Rules on statements, one by one."""
