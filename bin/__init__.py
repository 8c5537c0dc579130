"""What a person runs: bin/serve, bin/test, bin/lock, and the programs behind them."""
