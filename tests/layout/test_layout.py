#!/usr/bin/env python3
"""The layout test's own test: a small good tree has no finding, and each way to spoil it is found, and nothing else."""
import tempfile
import unittest
from pathlib import Path

from layout import Layout, read_edges

EDGES = '''
[modules]
base:
toml:              base
kafka:             base
metrics:           base
engine:            base
collectors/kafka:  base kafka
app:               base kafka metrics engine collectors/kafka
[libraries]
boost/asio:   base
librdkafka/:  kafka
prometheus/:  metrics
toml++/:      toml
openssl/:     base engine
[fixed]
boost/asio:   daemon/base
librdkafka/:  daemon/kafka
prometheus/:  daemon/metrics
toml++/:      daemon/toml
gtest/:       tests/unit
[system]
sys/ unistd.h
[top]
CMakeLists.txt daemon collectors tests
'''


def header(module: str, body: str = '') -> str:
    return f'// The module.\n#pragma once\n{body}\nnamespace patuh::{module} {{}}\n'


def listing(name: str, sources: str, links: str = '') -> str:
    return f'patuh_module(NAME {name} SOURCES {sources} {links})\n'


GOOD = {
    'CMakeLists.txt': 'project(x)\n',
    'daemon/base/base.h': header('base', '#include <mutex>'),
    'daemon/base/loop.cpp': '#include "base/base.h"\n#include <boost/asio.hpp>\n#include <sys/stat.h>\nstd::mutex m;\n',
    'daemon/base/CMakeLists.txt': listing('base', 'loop.cpp', 'PRIVATE Boost::headers'),
    'daemon/toml/toml.h': header('toml'),
    'daemon/toml/toml.cpp': '#include "toml/toml.h"\n#include <toml++/toml.h>\n',
    'daemon/toml/CMakeLists.txt': listing('toml', 'toml.cpp', 'PUBLIC base'),
    'daemon/kafka/kafka.h': header('kafka', '#include "base/base.h"'),
    'daemon/kafka/wire.h': header('kafka'),
    'daemon/kafka/kafka.cpp': '#include "kafka/wire.h"\n#include <librdkafka/rdkafka.h>\n// std::mutex is not ours\n',
    'daemon/kafka/CMakeLists.txt': listing('kafka', 'kafka.cpp', 'PUBLIC base PRIVATE PkgConfig::RDKAFKA'),
    'daemon/metrics/metrics.h': header('metrics'),
    'daemon/metrics/metrics.cpp': '#include <prometheus/registry.h>\n',
    'daemon/metrics/CMakeLists.txt': listing('metrics', 'metrics.cpp'),
    'daemon/engine/engine.h': header('engine'),
    'daemon/engine/step/step.cpp': '#include "engine/engine.h"\n#include <vector>\n#include <openssl/evp.h>\n',
    'daemon/engine/CMakeLists.txt': listing('engine', 'step/step.cpp', 'PUBLIC base'),
    'daemon/app/main.cpp': '#include "engine/engine.h"\nint main() {}\n',
    'daemon/app/CMakeLists.txt': 'patuh_program(NAME patuhd SOURCES main.cpp LINKS engine)\n' + listing('app', '', 'PUBLIC collectors_kafka'),
    'collectors/kafka/kafka.h': '#pragma once\n#include "kafka/kafka.h"\n',
    'collectors/kafka/kafka.cpp': '#include "collectors/kafka/kafka.h"\n',
    'collectors/kafka/CMakeLists.txt': listing('collectors_kafka', 'kafka.cpp', 'PUBLIC kafka'),
    'tests/unit/base/test_base.cpp': '#include <gtest/gtest.h>\n',
    'tests/unit/base/CMakeLists.txt': 'patuh_test(NAME test_base SOURCES test_base.cpp)\n',
    'tests/layout/test_it.py': '',
    'tests/layout/CMakeLists.txt': 'patuh_script_test(NAME it COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_it.py)\n',
}

# What is changed in the good tree (None: the file is gone), and the codes that must be found.
SPOILED = {
    'an edge that is not allowed': (
        {'daemon/engine/step/step.cpp': '#include "kafka/kafka.h"\n'}, ['EDGE']),
    'an edge up': ({'daemon/base/loop.cpp': '#include "engine/engine.h"\n#include <boost/asio.hpp>\n'}, ['EDGE']),
    'a daemon module that includes a collector': (
        {'daemon/engine/step/step.cpp': '#include "collectors/kafka/kafka.h"\n'}, ['EDGE']),
    'another module\'s private header': ({'daemon/app/main.cpp': '#include "kafka/wire.h"\n'}, ['PRIVATE']),
    'an include that is not from the root': ({'daemon/kafka/kafka.cpp': '#include "wire.h"\n#include <librdkafka/rdkafka.h>\n'},
                                             ['INCLUDE-ROOT']),
    'an own header that is not there': (
        {'daemon/kafka/kafka.cpp': '#include "kafka/wires.h"\n#include <librdkafka/rdkafka.h>\n'}, ['INCLUDE-ROOT']),
    'a foreign library in another hand': (
        {'daemon/engine/step/step.cpp': '#include <librdkafka/rdkafka.h>\n'}, ['LIBRARY']),
    'a library nobody knows': ({'daemon/app/main.cpp': '#include <zmq.h>\n'}, ['LIBRARY']),
    'a library in a public header': ({'daemon/engine/engine.h': header('engine', '#include <toml++/toml.h>')}, ['LIBRARY']),
    'a mutex outside base': ({'daemon/engine/step/step.cpp': '/* a\nb */\nstd::shared_mutex m;\n'}, ['MUTEX']),
    'a lock of a mutex outside base': ({'daemon/app/main.cpp': 'std::scoped_lock lock(m);\n'}, ['MUTEX']),
    'an entry at the top': ({'notes.txt': ''}, ['TOP']),
    'a folder at the top': ({'scripts/x.sh': ''}, ['TOP']),
    'a folder that is no module': ({'daemon/utils/utils.h': header('utils')}, ['MODULE']),
    'a test that is not registered': ({'tests/unit/base/test_more.cpp': ''}, ['UNREGISTERED']),
    'a test named only in a comment': ({'tests/unit/base/test_more.cpp': '',
                                        'tests/unit/base/CMakeLists.txt': 'patuh_test(SOURCES test_base.cpp) # test_more.cpp\n'},
                                       ['UNREGISTERED']),
    'a test whose name ends like a registered one': ({'tests/unit/base/base.cpp': ''}, ['UNREGISTERED']),
    'a test folder without a listing': ({'tests/unit/kafka/test_kafka.cpp': ''}, ['UNREGISTERED']),
    'a Python test that is not registered': ({'tests/layout/test_that.py': ''}, ['UNREGISTERED']),
    'a source that is not built': ({'daemon/engine/more.cpp': ''}, ['UNREGISTERED']),
    'Asio not used': ({'daemon/base/loop.cpp': '// <boost/asio.hpp>\n'}, ['FIXED']),
    'librdkafka not used': ({'daemon/kafka/kafka.cpp': ''}, ['FIXED']),
    'prometheus-cpp not used': ({'daemon/metrics/metrics.cpp': ''}, ['FIXED']),
    'toml++ not used': ({'daemon/toml/toml.cpp': ''}, ['FIXED']),
    'GoogleTest not used': ({'tests/unit/base/test_base.cpp': 'int main() {}\n'}, ['FIXED']),
    'a link that no include may follow': (
        {'daemon/engine/CMakeLists.txt': listing('engine', 'step/step.cpp', 'PUBLIC base PRIVATE kafka')}, ['LINK']),
    'a link to a collector that no include may follow': (
        {'daemon/engine/CMakeLists.txt': listing('engine', 'step/step.cpp', 'PRIVATE collectors_kafka')}, ['LINK']),
    'a header that may be included twice': ({'daemon/kafka/wire.h': 'namespace patuh::kafka {}\n'}, ['HEADER']),
    'a header of another namespace': ({'daemon/kafka/wire.h': header('wire')}, ['HEADER']),
    'a module without a public header': ({'daemon/metrics/metrics.h': None}, ['HEADER']),
    'a file that is too long': ({'daemon/app/main.cpp': 'int x;\n' * 501}, ['LONG']),
}

SPOILED_EDGES = {
    'a circle': ('base:\n', 'base: engine\n'),
    'a module that is not declared': ('kafka:             base', 'kafka: base util'),
    'an edge to itself': ('engine:            base', 'engine: base engine'),
}


def codes_of(files: dict[str, str | None], edges: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / 'tree'
        for name, text in files.items():
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding='utf-8')
        table = Path(folder) / 'edges.txt'
        table.write_text(edges, encoding='utf-8')
        return [finding.code for finding in Layout(root, read_edges(table)).run()]


class LayoutTest(unittest.TestCase):
    def test_a_good_tree_has_no_finding(self):
        self.assertEqual(codes_of(GOOD, EDGES), [])

    def test_what_a_build_leaves_is_not_looked_at(self):
        self.assertEqual(codes_of({**GOOD, 'build/release/x.cpp': '#include <zmq.h>\n'}, EDGES), [])

    def test_each_spoiled_tree_has_its_finding(self):
        for what, (change, codes) in SPOILED.items():
            with self.subTest(what):
                self.assertEqual(codes_of({**GOOD, **change}, EDGES), codes)

    def test_edges_that_do_not_go_down_are_found(self):
        for what, (old, new) in SPOILED_EDGES.items():
            with self.subTest(what):
                self.assertIn(old, EDGES)
                self.assertEqual(codes_of(GOOD, EDGES.replace(old, new, 1)), ['EDGE-CIRCLE'])


if __name__ == '__main__':
    unittest.main()
