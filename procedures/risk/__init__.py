"""How dangerous a shell text is, told from its syntax: nothing here runs anything."""
