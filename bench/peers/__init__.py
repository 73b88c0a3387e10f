"""The servers that the live gateway is measured beside: each broadcasts what it is told to everybody who is connected.

A peer of ours is told by a control socket on a path: each line that comes there is one message for everybody. It says `ready` and
serves sockets on 127.0.0.1. No process of reelwire runs any of them.
"""
