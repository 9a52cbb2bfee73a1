"""Settings by concern. Every field says what it means, its unit, its default and why."""
