"""What will hold on each target: every decision of a policy, and the settings that follow.

Pure: policies and the catalogue go in, a plan comes out; no file, clock or environment.
"""
