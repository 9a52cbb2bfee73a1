"""Read one system each, judge nothing."""
