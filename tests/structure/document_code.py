#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Cuts the C++ out of the documents of the tree, so that the build compiles and links it.

    document_code.py SOURCE_DIR OUTPUT_DIR      writes one .cpp a block and prints their paths

Every ```cpp block is a complete program, or stands after the line

    <!-- compile: body -->

and is then the body of a function that has `system` (caf::actor_system&), `self` (caf::event_based_actor*) and `peer`
(actornet::connection), under `namespace an = actornet`. A block can thus not rot unseen: there is no third kind.
"""

import os
import pathlib
import re
import sys

# `build` is what the compiler writes, and not ours to judge.
IGNORED = {"build", ".git", ".cache", "__pycache__"}

BLOCK = re.compile(r"(?P<body><!-- compile: body -->\s*\n)?^```cpp[^\n]*\n(?P<code>.*?)^```", re.M | re.S)
PROGRAM = re.compile(r"\b(int main\s*\(|CAF_MAIN\s*\()")
WRAPPED = """#include <actornet/actornet.hpp>
#include <iostream>
namespace an = actornet;
void body([[maybe_unused]] caf::actor_system& system, [[maybe_unused]] caf::event_based_actor* self,
          [[maybe_unused]] an::connection peer);
void body([[maybe_unused]] caf::actor_system& system, [[maybe_unused]] caf::event_based_actor* self,
          [[maybe_unused]] an::connection peer) {{
{line}{code}
}}
int main() {{}}
"""


def files(root):
    """All below `root` but what is ignored."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - IGNORED)
        yield from (pathlib.Path(folder, name) for name in sorted(names))


def documents(root):
    return [path for path in files(root) if path.suffix == ".md"]


def blocks(root):
    """Yields (document, line, code, is_body) for every block of C++."""
    for document in documents(root):
        text = document.read_text()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("code")) + 1
            yield document.relative_to(root), line, match["code"], bool(match["body"])


def program(root, document, line, code, is_body):
    marker = f'#line {line} "{root / document}"\n'
    return WRAPPED.format(line=marker, code=code) if is_body else marker + code


def main():
    root, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    counts = {}
    for document, line, code, is_body in blocks(root):
        if not is_body and not PROGRAM.search(code):
            sys.exit(f"{document}:{line}: this block is not a complete program; "
                     "make it one, or put `<!-- compile: body -->` on the line before it")
        stem = "document_" + re.sub(r"\W+", "_", str(document.with_suffix(""))).lower()
        counts[stem] = counts.get(stem, 0) + 1
        source = output / f"{stem}_{counts[stem]}.cpp"
        text = program(root, document, line, code, is_body)
        if not source.exists() or source.read_text() != text:  # an equal file keeps its time: nothing to rebuild
            source.write_text(text)
        print(source)


if __name__ == "__main__":
    main()
