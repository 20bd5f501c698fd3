"""Pages for those who sign in. `door` lets them in, `rooms` says which pages there are.

A page is a function behind `enter(Right.X)`; one without a right stops the server's start.
"""
