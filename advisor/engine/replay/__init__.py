"""Looking at what was recorded: the backtest, and A/A tests of the judge."""
