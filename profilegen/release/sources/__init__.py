"""Where the people come from that a release is built for: files, streams and directories.

Each source gives a `Table`, rows as text under named columns; `people` turns rows into users.
"""
