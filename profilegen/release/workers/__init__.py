"""Who does the chunks of a fleet: this process, other processes, or a cluster.

Tasks go out in order and their results come back in order, so that nothing of a release depends on
who did what. Keys never travel: each worker opens what it needs by its name.
"""
