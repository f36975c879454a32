"""What the benchmarks of the running product share: settings, a reference view, a load maker."""
