"""One module a command: a function of the module's name, and `EXAMPLES` for its help."""
