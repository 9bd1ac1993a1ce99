"""How likely it is that somebody answers: thousands of runs of your rosters and ladders, and what it hangs on."""
