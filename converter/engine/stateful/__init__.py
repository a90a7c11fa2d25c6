"""Rules over several events, fed with what the plan found: bounded memory, and a state that can be saved."""
