"""Two demos that start in one second take different ports, although nobody listens on the first one's yet."""

import argparse
import sys

import support
from support import servers

import demo  # beside servers.py; found through support

PORTS = (8466, 9090, 9093)


def chosen(test):
    options = argparse.Namespace(kafka=False, once=True, json=None)
    one = demo.Demo(options)
    ports = [one.own_port(port) for port in PORTS]
    servers.remove(one.folder)
    test.check("each of its ports is another", len(set(ports)) == len(PORTS), ports)
    return one, ports


def body(test):
    first, ports = chosen(test)
    second, others = chosen(test)
    test.check("two demos share none, though none is listened on", not set(ports) & set(others), (ports, others))
    for word in first.claims + second.claims:
        word.close()
    free = [port for port in PORTS if servers.is_free(port)]
    _, again = chosen(test)
    test.check("and those of one that has ended are taken again where they are free", set(free) <= set(again), (free, again))


if __name__ == "__main__":
    sys.exit(support.Test("e2e_side_by_side").run(body))
