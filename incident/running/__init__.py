"""What runs the program on one machine: the embedded Redis, the supervisor of `incident serve`, the logs."""
