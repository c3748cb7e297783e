# Tests of whole programs, added by the rooms that own them.
