"""What a connector is tried with: the contract suite, a proxy that does harm, an example system, a skeleton."""
