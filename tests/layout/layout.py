#!/usr/bin/env python3
"""Holds the tree to the design: which module includes which, who includes a foreign library, what stands at the top,
that every source is built and every test registered. The allowed edges are data, in edges.txt beside this file.

    layout.py --root DIR [--edges FILE]     prints one line a finding; status 1 when there is one
"""
import argparse
import os
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

LINES_MAX = 500
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/', re.S)
MUTEX = re.compile(r'\bstd::(?:\w+_)?mutex\b|\bstd::condition_variable\w*|\bstd::(?:lock_guard|unique_lock|scoped_lock|shared_lock)\b'
                   r'|\bpthread_(?:mutex|cond|rwlock)_\w+|\babsl::Mutex\b')
MODULE_CALL = re.compile(r'patuh_module\s*\(([^)]*)\)')
NOT_LOOKED_AT = {'.git', 'build'}


class Finding(NamedTuple):
    code: str
    place: str
    message: str

    def __str__(self) -> str:
        return f'{self.place}: {self.message} [{self.code}]'


class Edges(NamedTuple):
    modules: dict[str, set[str]]
    libraries: dict[str, set[str]]
    fixed: dict[str, str]
    system: set[str]
    top: set[str]


def read_edges(path: Path) -> Edges:
    """Sections in brackets; in them lines `name: word word`, or bare words."""
    keyed: dict[str, dict[str, list[str]]] = {}
    bare: dict[str, set[str]] = {}
    section = ''
    for line in path.read_text(encoding='utf-8').splitlines():
        line = line.split('#', 1)[0].strip()
        if not line:
            continue
        if line.startswith('['):
            section = line.strip('[]')
        elif section in ('modules', 'libraries', 'fixed'):
            name, _, words = line.partition(':')
            keyed.setdefault(section, {})[name.strip()] = words.split()
        else:
            bare.setdefault(section, set()).update(line.split())
    return Edges(modules={name: set(words) for name, words in keyed['modules'].items()},
                 libraries={name: set(words) for name, words in keyed['libraries'].items()},
                 fixed={name: words[0] for name, words in keyed['fixed'].items()},
                 system=bare['system'], top=bare['top'])


# ── What the tree holds ──

def files_below(root: Path, folder: str, *endings: str) -> Iterator[Path]:
    """Files of these endings below root/folder, in a fixed order, without what a build leaves."""
    for here, folders, names in os.walk(root / folder):
        folders[:] = sorted(f for f in folders if f not in NOT_LOOKED_AT and f != '__pycache__')
        for name in sorted(names):
            if name.endswith(endings):
                yield Path(here) / name


def module_of(relative: Path) -> str:
    """daemon/expr/lex.cpp -> expr; collectors/kafka/x.cpp -> collectors/kafka; '' when it lies in none."""
    parts = relative.parts
    if len(parts) < 3:
        return ''
    return parts[1] if parts[0] == 'daemon' else '/'.join(parts[:2])


def folder_of(module: str) -> str:
    return module if module.startswith('collectors/') else f'daemon/{module}'


def public_header(module: str) -> str:
    return f'{module}/{module.rsplit("/", 1)[-1]}.h'


def includes_of(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, '<' or '"', header) of each #include."""
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match.group(1), match.group(2)


def library_of(header: str, edges: Edges) -> str:
    begins = [prefix for prefix in edges.libraries if header.startswith(prefix)]
    return max(begins, key=len, default='')


# ── The checks ──

class Layout:
    def __init__(self, root: Path, edges: Edges):
        self.root = root
        self.edges = edges
        self.findings: list[Finding] = []

    def add(self, code: str, place: object, message: str) -> None:
        self.findings.append(Finding(code, str(place), message))

    def relative(self, path: Path) -> Path:
        return path.relative_to(self.root)

    def run(self) -> list[Finding]:
        self.check_circles()
        self.check_top()
        for folder in ('daemon', 'collectors'):
            for path in files_below(self.root, folder, '.cpp', '.h'):
                self.check_source(path)
            for path in files_below(self.root, folder, 'CMakeLists.txt'):
                self.check_links(path)
        for folder in ('daemon', 'collectors', 'tests'):
            self.check_registered(folder)
        self.check_public_headers()
        self.check_fixed()
        return self.findings

    def check_circles(self) -> None:
        """The allowed edges themselves go down only: a module names modules that stand above it in the list."""
        seen: set[str] = set()
        for module, targets in self.edges.modules.items():
            for target in sorted(targets - seen):
                what = 'is not declared' if target not in self.edges.modules else 'stands on its floor or above it'
                self.add('EDGE-CIRCLE', 'edges.txt', f'{module} may include {target}, which {what}')
            seen.add(module)

    def check_top(self) -> None:
        for name in sorted(os.listdir(self.root)):
            if name not in self.edges.top and name not in NOT_LOOKED_AT:
                self.add('TOP', name, 'the design names no such entry at the top')

    def check_source(self, path: Path) -> None:
        relative = self.relative(path)
        module = module_of(relative)
        if module not in self.edges.modules:
            self.add('MODULE', relative, 'lies in no module that edges.txt declares')
            return
        for line, kind, header in includes_of(path):
            place = f'{relative}:{line}'
            if kind == '"':
                self.check_own_include(place, module, header)
            else:
                self.check_foreign_include(place, module, header)
        self.check_text(path, relative, module)

    def check_own_include(self, place: str, module: str, header: str) -> None:
        parts = header.split('/')
        target = '/'.join(parts[:2]) if parts[0] == 'collectors' else parts[0]
        if len(parts) < 2 or target not in self.edges.modules:
            self.add('INCLUDE-ROOT', place, f'"{header}" is not written from the include root (module/file.h)')
        elif target == module:
            if not (self.root / folder_of(module) / header.removeprefix(f'{module}/')).exists():
                self.add('INCLUDE-ROOT', place, f'"{header}" is not there')
        elif target not in self.edges.modules[module]:
            self.add('EDGE', place, f'{module} may not include {target}')
        elif header != public_header(target):
            self.add('PRIVATE', place, f'"{header}" is private to {target}; its public header is "{public_header(target)}"')

    def check_foreign_include(self, place: str, module: str, header: str) -> None:
        library = library_of(header, self.edges)
        if library:
            if module not in self.edges.libraries[library]:
                owners = ', '.join(sorted(self.edges.libraries[library]))
                self.add('LIBRARY', place, f'{module} may not include <{header}>; only {owners} may')
        elif '.' in header or '/' in header:
            if header not in self.edges.system and not header.startswith(tuple(s for s in self.edges.system if s.endswith('/'))):
                self.add('LIBRARY', place, f'<{header}> is of no library that edges.txt knows')

    def check_text(self, path: Path, relative: Path, module: str) -> None:
        text = path.read_text(encoding='utf-8')
        lines = text.count('\n')
        if lines > LINES_MAX:
            self.add('LONG', relative, f'{lines} lines; at most {LINES_MAX}')
        code = COMMENT.sub(lambda m: '\n' * m.group().count('\n'), text)
        if module != 'base' and (match := MUTEX.search(code)):
            line = code.count('\n', 0, match.start()) + 1
            self.add('MUTEX', f'{relative}:{line}', f'{match.group()} outside base')
        if path.suffix == '.h':
            if '#pragma once' not in code:
                self.add('HEADER', relative, 'has no #pragma once')
            # A folder inside a module may be a namespace of its own: daemon/tools/sample is patuh::sample.
            names = {module.rsplit('/', 1)[-1], path.parent.name}
            if relative.parts[0] == 'daemon' and not any(f'namespace patuh::{name} {{' in code for name in names):
                self.add('HEADER', relative, f'does not open namespace patuh::{path.parent.name}')

    def check_links(self, path: Path) -> None:
        """A target links what it may include, no more."""
        relative = self.relative(path)
        module = module_of(relative)
        text = re.sub(r'#[^\n]*', '', path.read_text(encoding='utf-8'))
        for call in MODULE_CALL.findall(text):
            section = ''
            for word in call.split():
                if word in ('NAME', 'SOURCES', 'PUBLIC', 'PRIVATE'):
                    section = word
                elif section in ('PUBLIC', 'PRIVATE') and '::' not in word and not word.startswith('-'):
                    self.check_link(relative, module, word)

    def check_link(self, place: Path, module: str, name: str) -> None:
        # collectors/kafka is called collectors_kafka, since kafka is another; decode has no namesake.
        meant = {name, f'collectors/{name}', name.replace('collectors_', 'collectors/')}
        if not meant & (self.edges.modules.get(module, set()) | {module}):
            self.add('LINK', place, f'{module} may not link {name}')

    def check_registered(self, folder: str) -> None:
        for path in files_below(self.root, folder, '.cpp', '.py'):
            if path.suffix == '.py' and not path.name.startswith('test_'):
                continue
            if not self.is_registered(path):
                self.add('UNREGISTERED', self.relative(path), 'no CMakeLists.txt of its folder, or of one above, names it')

    def is_registered(self, path: Path) -> bool:
        """Named, by its path from there, in the CMakeLists.txt of its own folder or of one above, below the top."""
        for folder in path.parents:
            if folder == self.root:
                return False
            listing = folder / 'CMakeLists.txt'
            name = re.escape(path.relative_to(folder).as_posix())
            if listing.exists() and re.search(rf'(?<![\w./-])(?:\$\{{\w+\}}/)?{name}(?![\w.-])',
                                              re.sub(r'#[^\n]*', '', listing.read_text(encoding='utf-8'))):
                return True
        return False

    def check_public_headers(self) -> None:
        """A module that another may include has a public header; programs, which none includes, need none."""
        for module in sorted(set().union(*self.edges.modules.values())):
            folder = self.root / folder_of(module)
            header = folder / f'{folder.name}.h'
            if any(files_below(folder, '.', '.cpp')) and not header.exists():
                self.add('HEADER', folder_of(module), f'has no public header {public_header(module)}')

    def check_fixed(self) -> None:
        for library, folder in self.edges.fixed.items():
            used = any(header.startswith(library) for path in files_below(self.root, folder, '.cpp', '.h')
                       for _, kind, header in includes_of(path) if kind == '<')
            if not used:
                self.add('FIXED', folder, f'does not include <{library}…>, which it is there for')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', type=Path, required=True)
    parser.add_argument('--edges', type=Path, default=Path(__file__).with_name('edges.txt'))
    arguments = parser.parse_args()
    findings = Layout(arguments.root.resolve(), read_edges(arguments.edges)).run()
    for finding in findings:
        print(finding)
    print(f'layout: {len(findings)} findings' if findings else 'layout: as designed')
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
